import { concatBytes } from '../../codecs/bytes.js'
import { sha1 } from '../../codecs/infohash.js'
import { keepConnected, refreshWhenDue } from './bootstrap.js'
import { ask } from './emit.js'
import { familyOf, saveWhenDue } from './homes.js'
import { DHT_LIMITS } from './limits.js'
import { expireItems } from './itemStore.js'
import type { DhtModel } from './model.js'
import { expirePeers } from './peerStore.js'
import { nodeFailed, nodesInQuestion } from './routingTable.js'
import { onTaskSilence } from './tasks.js'
import { isRotationDue, rotateTokens } from './tokens.js'
import { takeExpired, takeLateOnes } from './transactions.js'

/** What time alone brings about. */
export const onTick = (model: DhtModel): void => {
  for (const expired of takeExpired(model.transactions, model.now)) {
    model.totals.timeouts++
    nodeFailed(model.homes[expired.home]!.table, expired.to, model.now)
    onTaskSilence(model, expired, false)
  }
  for (const late of takeLateOnes(model.transactions, model.now)) onTaskSilence(model, late, true)
  pingSome(model)
  keepConnected(model)
  refreshWhenDue(model)
  renewWhenDue(model)
  saveWhenDue(model)
}

/** Secrets are replaced, and what nobody has renewed is forgotten. */
const renewWhenDue = (model: DhtModel): void => {
  const { tokens, now } = model
  if (isRotationDue(tokens, now)) {
    // As hard to guess as the first one, and in a replay the same.
    rotateTokens(tokens, sha1(concatBytes([model.config.secret, tokens.secret])), now)
  }
  if (now - model.expiredAt < DHT_LIMITS.expireMs) return
  model.expiredAt = now
  expirePeers(model.peers, now)
  expireItems(model.items, now)
}

/** Nodes that others named, and those that hold a place that others wait for. */
const pingSome = (model: DhtModel): void => {
  let left: number = DHT_LIMITS.pingsPerTick
  for (const [key, address] of model.candidates) {
    if (left-- <= 0) break
    model.candidates.delete(key)
    const family = familyOf(address.host)
    for (const home of model.homes) {
      if (home.family === family) ask(model, home, address, { _tag: 'Ping' }, { _tag: 'Check' })
    }
  }
  for (const home of model.homes) {
    for (const node of nodesInQuestion(home.table, model.now)) {
      if (left-- <= 0) return
      if (isAsked(model, home.index, node.host, node.port)) continue
      ask(model, home, node, { _tag: 'Ping' }, { _tag: 'Check' })
    }
  }
}

const isAsked = (model: DhtModel, home: number, host: string, port: number): boolean => {
  for (const { home: from, to } of model.transactions.values()) {
    if (from === home && to.host === host && to.port === port) return true
  }
  return false
}
