import type { DhtNode } from '../compactNodes.js'
import type { DhtItem } from '../dhtItem.js'
import type { DecodeError } from '../errors.js'
import type { PeerAddress } from '../peerAddress.js'

/** One packet of the DHT (BEP 5). Byte strings of a decoded message are views of the packet. */
export type KrpcMessage = KrpcQuery | KrpcResponse | KrpcError

interface Envelope {
  /** `t`: chosen by who asks, repeated by who answers. */
  readonly transaction: Uint8Array
  /** `v`: the sender's client, two letters and two bytes of version. */
  readonly version?: Uint8Array | undefined
}

export interface KrpcQuery extends Envelope {
  readonly _tag: 'KrpcQuery'
  /** The node that asks. */
  readonly id: Uint8Array
  /** `ro`: it answers nothing, and belongs into no routing table (BEP 43). */
  readonly isReadOnly?: boolean | undefined
  readonly body: KrpcQueryBody
}

/** `want` (BEP 32): which nodes to name, IPv4 or IPv6; where it is absent, those of the family that the packet came by. */
export type NodeFamily = 'n4' | 'n6'

/** What is asked. Targets and infohashes are 20 bytes. */
export type KrpcQueryBody =
  | { readonly _tag: 'Ping' }
  | { readonly _tag: 'FindNode'; readonly target: Uint8Array; readonly want?: Want }
  | {
      readonly _tag: 'GetPeers'
      readonly infohash: Uint8Array
      readonly want?: Want
      /** BEP 33: no seeds among the peers, please. */
      readonly noSeed?: boolean | undefined
      /** BEP 33: answer with bloom filters of the swarm. */
      readonly scrape?: boolean | undefined
    }
  | {
      readonly _tag: 'AnnouncePeer'
      readonly infohash: Uint8Array
      /** 0 only where it is implied. */
      readonly port: number
      /** The port is the one that the packet came from, whatever `port` says. */
      readonly impliedPort?: boolean | undefined
      readonly token: Uint8Array
      /** BEP 33: the peer is a seed. */
      readonly seed?: boolean | undefined
    }
  /** BEP 44. With `seq`, a mutable item is wanted only where it is newer. */
  | {
      readonly _tag: 'Get'
      readonly target: Uint8Array
      readonly seq?: number | undefined
      readonly want?: Want
    }
  /** BEP 44. With `cas`, only over an item of that sequence number. */
  | {
      readonly _tag: 'Put'
      readonly token: Uint8Array
      readonly item: DhtItem
      readonly cas?: number | undefined
    }
  /** BEP 51. */
  | { readonly _tag: 'SampleInfohashes'; readonly target: Uint8Array; readonly want?: Want }

type Want = ReadonlyArray<NodeFamily> | undefined

export interface KrpcResponse extends Envelope {
  readonly _tag: 'KrpcResponse'
  /** The address that the query came from, as the answering node saw it (BEP 42). */
  readonly ip?: PeerAddress | undefined
  readonly answer: KrpcAnswer
}

/** All that an answer may say; what it means depends on the query, which only who asked knows. */
export interface KrpcAnswer {
  /** The node that answers. */
  readonly id: Uint8Array
  readonly nodes?: ReadonlyArray<DhtNode> | undefined
  readonly nodes6?: ReadonlyArray<DhtNode> | undefined
  /** Peers of the torrent, of both families. */
  readonly values?: ReadonlyArray<PeerAddress> | undefined
  /** To be given back with an announce or a put. */
  readonly token?: Uint8Array | undefined
  /** BEP 33: filters of seeds and of the other peers, 256 bytes each. */
  readonly BFsd?: Uint8Array | undefined
  readonly BFpe?: Uint8Array | undefined
  /** BEP 44: the value, bencoded, as it was sent. */
  readonly v?: Uint8Array | undefined
  readonly k?: Uint8Array | undefined
  readonly sig?: Uint8Array | undefined
  readonly seq?: number | undefined
  /** BEP 51: seconds until there are other samples. */
  readonly interval?: number | undefined
  /** BEP 51: infohashes that the node holds. */
  readonly num?: number | undefined
  readonly samples?: ReadonlyArray<Uint8Array> | undefined
}

export interface KrpcError extends Envelope {
  readonly _tag: 'KrpcError'
  readonly ip?: PeerAddress | undefined
  /** See `KrpcErrorCode`; strangers may say any number. */
  readonly code: number
  readonly message: string
}

/** A packet that is no message. */
export interface KrpcRefusal {
  readonly _tag: 'KrpcRefusal'
  readonly error: DecodeError
  /** What its sender may be told: there is nothing where he did not ask, or it cannot be known. */
  readonly reply: KrpcError | undefined
}
