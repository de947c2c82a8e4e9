import * as E from '#fp/Either'
import type { DhtNode } from '../../src/codecs/compactNodes.js'
import { decodeKrpc, encodeKrpc, type KrpcMessage, type KrpcQueryBody } from '../../src/codecs/krpc.js'
import type { PeerAddress } from '../../src/codecs/peerAddress.js'
import type { DhtCommand, DhtGoal } from '../../src/operators/dht/command.js'
import type { DhtEffect } from '../../src/operators/dht/effect.js'
import type { DhtEvent } from '../../src/operators/dht/event.js'
import { createDhtModel, type DhtConfig, type DhtModel } from '../../src/operators/dht/model.js'
import type { DhtNotice, DhtReport } from '../../src/operators/dht/notice.js'
import { dhtTurn } from '../../src/operators/dht/turn.js'

/** A packet that the node sent. */
export interface SentPacket {
  readonly home: number
  readonly to: PeerAddress
  readonly bytes: Uint8Array
  readonly message: KrpcMessage
}

/** The fold of a DHT node without a world: bound, not bootstrapped. */
export interface DhtFixture {
  readonly model: DhtModel
  readonly now: () => number
  readonly feed: (event: DhtEvent) => ReadonlyArray<SentPacket>
  /** Bytes come in; answers with what leaves in that turn. */
  readonly receives: (bytes: Uint8Array, from: PeerAddress, home?: number) => ReadonlyArray<SentPacket>
  /** A query comes in; answers with what leaves. */
  readonly asked: (
    body: KrpcQueryBody,
    from: PeerAddress,
    more?: { readonly id?: Uint8Array; readonly isReadOnly?: boolean; readonly home?: number },
  ) => ReadonlyArray<SentPacket>
  readonly command: (command: DhtCommand) => ReadonlyArray<SentPacket>
  readonly begin: (id: number, goal: DhtGoal) => ReadonlyArray<SentPacket>
  /** Lets time pass, a tick at a time. */
  readonly pass: (ms: number) => ReadonlyArray<SentPacket>
  /** Makes the node known to the table, by an answer to a ping. */
  readonly meet: (node: DhtNode) => void
  readonly sent: SentPacket[]
  readonly effects: DhtEffect[]
  readonly notices: DhtNotice[]
  readonly reports: DhtReport[]
}

export const DHT_CONFIG: DhtConfig = {
  seed: [1, 2, 3, 4],
  secret: new Uint8Array(20).fill(9),
  families: [4],
  isReadOnly: false,
  hasStore: false,
  hasBootstrap: false,
}

export const TRANSACTION = Uint8Array.of(7, 7)

export const dhtFixture = (config: Partial<DhtConfig> = {}): DhtFixture => {
  let now = 1_000
  const whole = { ...DHT_CONFIG, ...config }
  const model = createDhtModel(whole, now)
  const effects: DhtEffect[] = []
  const notices: DhtNotice[] = []
  const reports: DhtReport[] = []
  const sent: SentPacket[] = []

  const feed = (event: DhtEvent): ReadonlyArray<SentPacket> => {
    const turn = dhtTurn(model, event)
    effects.push(...turn.effects)
    notices.push(...turn.notices)
    reports.push(...turn.reports)
    const packets = turn.effects.flatMap((effect): SentPacket[] => {
      if (effect._tag !== 'Send') return []
      const message = decodeKrpc(effect.bytes)
      if (E.isLeft(message)) throw new Error('the node has sent nonsense')
      return [{ home: effect.home, to: effect.to, bytes: effect.bytes, message: message.right }]
    })
    sent.push(...packets)
    return packets
  }
  const receives: DhtFixture['receives'] = (bytes, from, home = 0) =>
    feed({ _tag: 'Received', at: now, home, from, bytes })
  const command: DhtFixture['command'] = (told) => feed({ _tag: 'Command', at: now, command: told })
  const pass = (ms: number): ReadonlyArray<SentPacket> => {
    const packets: SentPacket[] = []
    for (const end = now + ms; now < end;) {
      now = Math.min(now + 500, end)
      packets.push(...feed({ _tag: 'Tick', at: now }))
    }
    return packets
  }

  feed({ _tag: 'Started', at: now })
  whole.families.forEach((family, home) => {
    feed({ _tag: 'Bound', at: now, home, local: { host: family === 4 ? '0.0.0.0' : '::', port: 6_881 } })
  })
  return {
    model,
    now: () => now,
    feed,
    receives,
    asked: (body, from, { id = new Uint8Array(20).fill(200), isReadOnly = false, home = 0 } = {}) =>
      receives(encodeKrpc({ _tag: 'KrpcQuery', transaction: TRANSACTION, id, isReadOnly, body }), from, home),
    command,
    begin: (id, goal) => command({ _tag: 'Begin', id, goal }),
    pass,
    meet: (node) => {
      const { host, port } = node
      command({ _tag: 'AddNodes', addresses: [{ host, port }] })
      const ping = pass(500).find(({ to }) => to.host === host && to.port === port)
      if (ping?.message._tag !== 'KrpcQuery') throw new Error('the node was not pinged')
      const answer = { id: node.id }
      receives(
        encodeKrpc({ _tag: 'KrpcResponse', transaction: ping.message.transaction, answer }),
        { host, port },
        ping.home,
      )
    },
    sent,
    effects,
    notices,
    reports,
  }
}
