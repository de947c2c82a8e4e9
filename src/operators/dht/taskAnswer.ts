import * as O from '#fp/Option'
import type { DhtItem } from '../../codecs/dhtItem.js'
import type { KrpcAnswer, NodeFamily } from '../../codecs/krpc.js'
import { itemOfAnswer } from '../../codecs/krpc/itemOfAnswer.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import { estimateSize, unionOf } from '../../codecs/scrapeBloom.js'
import type { DhtGoal } from './command.js'
import { report } from './emit.js'
import { DHT_LIMITS } from './limits.js'
import { findItem } from './itemStore.js'
import { stopLookup } from './lookup.js'
import type { DhtModel } from './model.js'
import { samplePeers, scrapeFilters } from './peerStore.js'
import type { DhtTask } from './task.js'

/** Takes what an answer says of what is looked for; `peers` are those that its search had not seen. */
export const takeAnswer = (
  model: DhtModel,
  task: DhtTask,
  from: PeerAddress,
  answer: KrpcAnswer,
  peers: ReadonlyArray<PeerAddress>,
): void => {
  switch (task.goal._tag) {
    case 'FindPeers':
      tellPeers(model, task, peers)
      return
    case 'Scrape':
      addFilters(task, answer)
      return
    case 'FindItem':
      tellItem(model, task, task.goal, answer)
      return
    case 'Sample':
      tellSample(model, task, from, answer)
      return
    case 'FindNodes':
    case 'StoreItem':
  }
}

/** What others have left with ourselves. */
export const tellOwn = (model: DhtModel, task: DhtTask): void => {
  const { goal } = task
  if (goal._tag === 'FindPeers') {
    for (const family of FAMILIES) {
      const wanted = { family, max: DHT_LIMITS.values, noSeed: goal.noSeed }
      tellPeers(model, task, samplePeers(model.peers, goal.target, wanted, model.now, model.prng))
    }
  } else if (goal._tag === 'FindItem') {
    const item = findItem(model.items, goal.target, model.now)
    if (item !== undefined) tell(model, task, item)
  } else if (goal._tag === 'Scrape') {
    addFilters(task, scrapeFilters(model.peers, goal.target, model.now) ?? {})
  }
}

const FAMILIES: ReadonlyArray<NodeFamily> = ['n4', 'n6']

/** What can be told only when all have answered. */
export const tellResults = (model: DhtModel, { id, goal, scrape }: DhtTask): void => {
  if (goal._tag !== 'Scrape' || scrape.answers === 0) return
  const size = (filter: Uint8Array | undefined): number =>
    filter === undefined ? 0 : Math.max(0, Math.round(estimateSize(filter)))
  report(model, {
    _tag: 'Scraped',
    id,
    scrape: { seeds: size(scrape.seeds), peers: size(scrape.peers), answers: scrape.answers },
  })
}

/** A peer of both networks, or of two of our addresses, is told once. */
const tellPeers = (model: DhtModel, { id, told }: DhtTask, peers: ReadonlyArray<PeerAddress>): void => {
  const fresh = peers.filter(({ host, port }) => {
    const key = `${host} ${String(port)}`
    if (told.has(key) || told.size >= DHT_LIMITS.taskPeers) return false
    told.add(key)
    return true
  })
  if (fresh.length > 0) report(model, { _tag: 'PeersFound', id, peers: fresh })
}

const addFilters = ({ scrape }: DhtTask, { BFsd, BFpe }: Pick<KrpcAnswer, 'BFsd' | 'BFpe'>): void => {
  if (BFsd === undefined && BFpe === undefined) return
  scrape.answers++
  scrape.seeds = joined(scrape.seeds, BFsd)
  scrape.peers = joined(scrape.peers, BFpe)
}

const joined = (sum: Uint8Array | undefined, filter: Uint8Array | undefined): Uint8Array | undefined =>
  filter === undefined ? sum : unionOf(sum === undefined ? [filter] : [sum, filter])

const tellItem = (
  model: DhtModel,
  task: DhtTask,
  { target, of }: DhtGoal & { readonly _tag: 'FindItem' },
  answer: KrpcAnswer,
): void => {
  const { item: known } = task
  // Only what would be news is worth a look at its signature.
  if (known?._tag === 'MutableItem' && (answer.seq ?? -Infinity) <= known.seq) return
  const found = itemOfAnswer(answer, target, of?.salt)
  if (O.isNone(found) || (of !== undefined) !== (found.value._tag === 'MutableItem')) return
  tell(model, task, found.value)
}

const tell = (model: DhtModel, task: DhtTask, item: DhtItem): void => {
  task.item = item
  report(model, { _tag: 'ItemFound', id: task.id, item })
  // It cannot be another one anywhere else.
  if (item._tag === 'ImmutableItem') for (const { lookup } of task.legs) stopLookup(lookup)
}

const tellSample = (
  model: DhtModel,
  task: DhtTask,
  { host, port }: PeerAddress,
  { id, samples, num, interval }: KrpcAnswer,
): void => {
  if (samples === undefined) return
  report(model, {
    _tag: 'Sampled',
    id: task.id,
    sample: {
      node: { id: id.slice(), host, port },
      infohashes: samples.slice(0, DHT_LIMITS.samples).map((sample) => sample.slice()),
      total: num ?? samples.length,
      intervalSeconds: interval ?? 0,
    },
  })
}
