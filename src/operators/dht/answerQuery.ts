import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { DhtNode } from '../../codecs/compactNodes.js'
import { type DhtItem, type PutRefusal, targetOf } from '../../codecs/dhtItem.js'
import {
  encodeKrpc,
  type KrpcAnswer,
  KrpcErrorCode,
  type KrpcQuery,
  type KrpcQueryBody,
  type NodeFamily,
} from '../../codecs/krpc.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import { KRPC_VERSION, sendAnswer } from './emit.js'
import { fitAnswer } from './fitAnswer.js'
import { addCandidate, nodeFamily } from './homes.js'
import { findItem, storeItem } from './itemStore.js'
import { DHT_LIMITS } from './limits.js'
import type { DhtModel, HomeModel } from './model.js'
import { mayName } from './network.js'
import { infohashCount, sampleInfohashes, samplePeers, scrapeFilters, storePeer } from './peerStore.js'
import { closest, nodeAsked } from './routingTable.js'
import { isTokenOf, tokenFor } from './tokens.js'

/** Answers a query, no longer than that allows. Who asks is a node that we may want to know. */
export const answerQuery = (
  model: DhtModel,
  home: HomeModel,
  from: PeerAddress,
  query: KrpcQuery,
  queryBytes: number,
): void => {
  const { id, transaction, body } = query
  const { host, port } = from
  if (query.isReadOnly !== true && nodeAsked(home.table, { id, host, port }, model.now)) {
    addCandidate(model, from)
  }
  const envelope = { transaction, version: KRPC_VERSION, ip: from }
  const told = answerOf({ model, home, from }, body)
  const bytes = E.isLeft(told)
    ? encodeKrpc({ ...told.left, ...envelope, _tag: 'KrpcError' })
    : fitAnswer(
        { ...envelope, _tag: 'KrpcResponse', answer: { ...told.right, id: home.table.id } },
        Math.min(DHT_LIMITS.answerBytes, DHT_LIMITS.amplification * queryBytes),
      )
  if (bytes === undefined) model.totals.queriesDropped++
  else sendAnswer(model, home, from, bytes, queryBytes)
}

type Told = Omit<KrpcAnswer, 'id'>
type Refusal = Pick<PutRefusal, 'code' | 'message'>

/** Who asks whom. */
interface Asking {
  readonly model: DhtModel
  readonly home: HomeModel
  readonly from: PeerAddress
}

const answerOf = (asking: Asking, body: KrpcQueryBody): Either<Refusal, Told> => {
  switch (body._tag) {
    case 'Ping':
      return E.right({})
    case 'FindNode':
      return E.right(nodesNear(asking, body.target, body.want))
    case 'GetPeers':
      return E.right(peersOf(asking, body))
    case 'AnnouncePeer':
      return announce(asking, body)
    case 'Get':
      return E.right(itemAt(asking, body))
    case 'Put':
      return put(asking, body)
    case 'SampleInfohashes':
      return E.right({ ...sample(asking), ...nodesNear(asking, body.target, body.want) })
  }
}

type BodyOf<Tag extends KrpcQueryBody['_tag']> = KrpcQueryBody & { readonly _tag: Tag }

/** The nodes that we know nearest to a target, of the networks that are wanted (BEP 32). */
const nodesNear = (
  { model, home, from }: Asking,
  target: Uint8Array,
  want: ReadonlyArray<NodeFamily> | undefined,
): Told => {
  const nodesOf = (family: NodeFamily): ReadonlyArray<DhtNode> | undefined => {
    const source =
      nodeFamily(home) === family ? home : model.homes.find((other) => nodeFamily(other) === family)
    if (source === undefined || !(want?.includes(family) ?? source === home)) return undefined
    return closest(source.table, target, DHT_LIMITS.nodes, model.now).filter(({ host }) =>
      mayName(from.host, host),
    )
  }
  return { nodes: nodesOf('n4'), nodes6: nodesOf('n6') }
}

const peersOf = (asking: Asking, { infohash, want, noSeed, scrape }: BodyOf<'GetPeers'>): Told => {
  const { model, home, from } = asking
  const near = {
    ...nodesNear(asking, infohash, want),
    token: tokenFor(model.tokens, from.host, infohash),
  }
  // Both filters take more than the lever allows: nodes leave room for them, peers are not asked for.
  if (scrape === true) return { ...near, ...scrapeFilters(model.peers, infohash, model.now) }
  const wanted = { family: nodeFamily(home), max: DHT_LIMITS.values, noSeed }
  const values = samplePeers(model.peers, infohash, wanted, model.now, model.prng)
  return values.length === 0 ? near : { ...near, values }
}

const announce = (
  { model, from }: Asking,
  { infohash, port, impliedPort, token, seed }: BodyOf<'AnnouncePeer'>,
): Either<Refusal, Told> => {
  if (!isTokenOf(model.tokens, token, from.host, infohash)) return E.left(BAD_TOKEN)
  const peer = impliedPort === true ? from : { host: from.host, port }
  storePeer(model.peers, infohash, peer, seed === true, model.now)
  return E.right({})
}

const itemAt = (asking: Asking, { target, seq, want }: BodyOf<'Get'>): Told => {
  const { model, from } = asking
  const near = { ...nodesNear(asking, target, want), token: tokenFor(model.tokens, from.host, target) }
  const item = findItem(model.items, target, model.now)
  return item === undefined ? near : { ...near, ...itemFields(item, seq) }
}

/** Of one that is not newer than what the asker has only the number is said (BEP 44). */
const itemFields = (item: DhtItem, known: number | undefined): Told => {
  if (item._tag === 'ImmutableItem') return { v: item.v }
  const { v, k, sig, seq } = item
  return known !== undefined && seq <= known ? { seq } : { v, k, sig, seq }
}

const put = ({ model, from }: Asking, { token, item, cas }: BodyOf<'Put'>): Either<Refusal, Told> => {
  if (!isTokenOf(model.tokens, token, from.host, targetOf(item))) return E.left(BAD_TOKEN)
  return E.map((): Told => ({}))(storeItem(model.items, item, cas, model.now))
}

const BAD_TOKEN: Refusal = { code: KrpcErrorCode.protocol, message: 'bad token' }

/** The same ones for a while (BEP 51): who asks again at once learns nothing. */
const sample = ({ model }: Asking): Told => {
  if (model.now - model.sampledAt >= DHT_LIMITS.sampleMs) {
    model.sampled = sampleInfohashes(model.peers, DHT_LIMITS.namedSamples, model.prng)
    model.sampledAt = model.now
  }
  return {
    samples: model.sampled,
    num: infohashCount(model.peers),
    interval: Math.ceil((DHT_LIMITS.sampleMs - (model.now - model.sampledAt)) / 1_000),
  }
}
