import * as O from '#fp/Option'
import type { DhtTable } from '../../codecs/dhtTable.js'
import { parseIp } from '../../codecs/ipAddress.js'
import type { NodeFamily } from '../../codecs/krpc.js'
import { MAX_SAVED_NODES } from '../../codecs/limits.js'
import { isNodeIdOf, nodeIdFor } from '../../codecs/nodeId.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import { voteAddress } from '../peer/ownAddress.js'
import { emit, notify } from './emit.js'
import { DHT_LIMITS } from './limits.js'
import { type DhtModel, type HomeModel, randomId } from './model.js'
import { networkOf } from './network.js'
import { nodeState } from './routingModel.js'
import { createRoutingTable, knownNodes, restoreNodes, withOwnId } from './routingTable.js'

/** The family of an address in text; undefined for a name. */
export const familyOf = (host: string): 4 | 6 | undefined => {
  const ip = parseIp(host)
  if (O.isNone(ip)) return undefined
  return ip.value.length === 4 ? 4 : 6
}

export const nodeFamily = ({ family }: HomeModel): NodeFamily => (family === 4 ? 'n4' : 'n6')

export const countGood = ({ table }: HomeModel, now: number): number => {
  let count = 0
  for (const node of table.byId.values()) if (nodeState(node, now) === 'good') count++
  return count
}

/** Takes the ids and nodes of an earlier run. */
export const restoreTable = (model: DhtModel, table: DhtTable): void => {
  const { now } = model
  for (const home of model.homes) {
    const saved = table.homes[home.index]
    if (saved?.family !== home.family) continue
    home.table = createRoutingTable(saved.nodeId.slice(), now)
    restoreNodes(home.table, saved.nodes, now)
  }
}

export const savedTable = (model: DhtModel): DhtTable => ({
  homes: model.homes.map(({ family, table }) => ({
    family,
    nodeId: table.id,
    nodes: knownNodes(table, model.now, MAX_SAVED_NODES),
  })),
})

/** Keeps what is known, from time to time, once it is worth it. */
export const saveWhenDue = (model: DhtModel): void => {
  if (!model.config.hasStore || model.now - model.savedAt < DHT_LIMITS.saveMs) return
  model.savedAt = model.now
  if (model.homes.some(({ isBootstrapped }) => isBootstrapped)) {
    emit(model, { _tag: 'SaveTable', table: savedTable(model) })
  }
}

/**
 * A node says at which address it sees us. What most say is believed, one voice for each network, and where our id does
 * not fit it, it is changed (BEP 42).
 */
export const voteExternal = (
  model: DhtModel,
  home: HomeModel,
  from: PeerAddress,
  seen: PeerAddress,
): void => {
  if (familyOf(seen.host) !== home.family) return
  voteAddress(home.votes, networkOf(from.host) ?? from.host, seen.host)
  const { winner } = home.votes
  if (winner === undefined) return
  if (winner !== home.externalHost) {
    home.externalHost = winner
    notify(model, { _tag: 'DhtExternalAddress', at: model.now, host: winner })
    model.isUrgent = true
  }
  if (!isNodeIdOf(home.table.id, winner)) renumber(model, home, winner)
}

const renumber = (model: DhtModel, home: HomeModel, host: string): void => {
  const id = nodeIdFor(host, randomId(model.prng))
  if (O.isNone(id) || model.now - home.renumberedAt < DHT_LIMITS.renumberMs) return
  home.renumberedAt = model.now
  home.table = withOwnId(home.table, id.value, model.now)
  // Our neighbours are others now.
  home.bootstrapAt = model.now
}

/** Somebody is said to be there: he is pinged when there is time. */
export const addCandidate = (model: DhtModel, { host, port }: PeerAddress): void => {
  if (model.candidates.size >= DHT_LIMITS.candidates || familyOf(host) === undefined) return
  if (Number.isInteger(port) && port > 0 && port <= 0xffff) {
    model.candidates.set(`${host} ${String(port)}`, { host, port })
  }
}
