import { Subscription } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { NetworkEvent, PeerEvent } from '../../../src/operators/session/event.js'
import type { Network } from '../../../src/streams/deps.js'
import type { EncryptionPolicy } from '../../../src/streams/encryption/policy.js'
import { withEncryption } from '../../../src/streams/encryption/withEncryption.js'
import { nodeClock } from '../../../src/streams/node/clock.js'
import { nodeKeyExchange } from '../../../src/streams/node/keyExchange.js'
import { nodeNetwork } from '../../../src/streams/node/network.js'
import { createWires, type Wires } from '../../../src/streams/peer/wires.js'
import { rethrow } from '../../support/rethrow.js'
import { until } from '../../support/until.js'

const infohash = new Uint8Array(20).fill(3)

interface Side {
  readonly wires: Wires
  readonly events: Array<NetworkEvent | PeerEvent>
  readonly dials: () => number
}

const sideOf = (policy: EncryptionPolicy, id: number, network: Network = nodeNetwork()): Side => {
  let dials = 0
  const counted: Network = {
    ...network,
    connect: (address) => {
      dials++
      return network.connect(address)
    },
  }
  const deps = { network: counted, clock: nodeClock, keyExchange: nodeKeyExchange }
  const wires = createWires(
    { network: withEncryption(deps, { names: [infohash], policy }), clock: nodeClock },
    { infohash, peerId: new Uint8Array(20).fill(id), pieceCount: 100 },
  )
  return { wires, events: [], dials: () => dials }
}

type Tagged<Tag> = (NetworkEvent | PeerEvent) & { readonly _tag: Tag }

const eventOf = async <Tag extends (NetworkEvent | PeerEvent)['_tag']>(
  { events }: Side,
  tag: Tag,
): Promise<Tagged<Tag>> => {
  const find = (): Tagged<Tag> | undefined => events.find((event): event is Tagged<Tag> => event._tag === tag)
  await until(() => find() !== undefined)
  return find()!
}

/** One session dials another. */
const meet = async (dialling: EncryptionPolicy, listening: EncryptionPolicy) => {
  const near = sideOf(dialling, 1)
  const far = sideOf(listening, 2)
  const running = new Subscription()
  onTestFinished(() => {
    running.unsubscribe()
  })
  const run = (side: Side, event$: ReturnType<Wires['listen']>): void => {
    running.add(event$.subscribe({ next: (event) => side.events.push(event), error: rethrow }))
  }
  run(far, far.wires.listen(0))
  const { port } = await eventOf(far, 'Listening')
  run(near, near.wires.dial(0, { host: '127.0.0.1', port }))
  await until(() => near.events.length > 0)
  return { near, far, dials: near.dials() }
}

describe('two policies', () => {
  type Way = 'plain' | 'encrypted'
  const pairs: ReadonlyArray<[EncryptionPolicy, EncryptionPolicy, Way, number]> = [
    ['disabled', 'disabled', 'plain', 1],
    ['disabled', 'allowed', 'plain', 1],
    ['disabled', 'preferred', 'plain', 1],
    ['allowed', 'disabled', 'plain', 1],
    ['allowed', 'allowed', 'plain', 1],
    ['allowed', 'preferred', 'plain', 1],
    ['allowed', 'required', 'encrypted', 2],
    ['preferred', 'disabled', 'plain', 2],
    ['preferred', 'allowed', 'plain', 1],
    ['preferred', 'preferred', 'encrypted', 1],
    ['preferred', 'required', 'encrypted', 1],
    ['required', 'allowed', 'encrypted', 1],
    ['required', 'preferred', 'encrypted', 1],
    ['required', 'required', 'encrypted', 1],
  ]
  it.each(pairs)('%s dials %s: %s', async (dialling, listening, way, expected) => {
    const { near, far, dials } = await meet(dialling, listening)
    const there = await eventOf(near, 'PeerConnected')
    const here = await eventOf(far, 'PeerConnected')
    expect([there.isEncrypted ?? false, here.isEncrypted ?? false]).toEqual(
      Array.from({ length: 2 }, () => way === 'encrypted'),
    )
    expect([there.peerId[0], here.peerId[0], dials]).toEqual([2, 1, expected])
    near.wires.send(0, [{ _tag: 'Have', piece: 7 }])
    far.wires.send(here.peer, [{ _tag: 'Have', piece: 8 }])
    expect((await eventOf(far, 'PeerBatch')).messages).toEqual([{ _tag: 'Have', piece: 7 }])
    expect((await eventOf(near, 'PeerBatch')).messages).toEqual([{ _tag: 'Have', piece: 8 }])
  })

  it.each<[EncryptionPolicy, EncryptionPolicy]>([
    ['disabled', 'required'],
    ['required', 'disabled'],
  ])('%s dials %s: nothing comes of it', async (dialling, listening) => {
    const { near, dials } = await meet(dialling, listening)
    await eventOf(near, 'PeerClosed')
    expect(near.events.map(({ _tag }) => _tag)).toEqual(['PeerClosed'])
    expect(dials).toBe(1)
  })
})
