import { createPrng } from '../../src/operators/random.js'
import type { WireMessage } from '../../src/codecs/wire/message.js'
import { checkedFixture } from './checkedFixture.js'
import type { FakePeer, FixtureOptions, SessionFixture } from './sessionFixture.js'

const BLOCK = 16_384
const STEP_MS = 5

export interface DemandOptions extends FixtureOptions {
  readonly peers?: never
  readonly direction: 'down' | 'up'
  readonly count: number
  /** From a request to its block. */
  readonly latencyMs?: number
  /** Of each peer, bytes per second. */
  readonly capacity?: ReadonlyArray<number>
  /** Between two ticks. */
  readonly tickMs?: (random: () => number) => number
}

/** A session whose peers always want more, or have more to give. */
export interface SteadyDemand {
  readonly fixture: SessionFixture
  readonly peers: ReadonlyArray<FakePeer>
  /** Lets time pass, step by step. */
  readonly run: (ms: number) => void
  /** Bytes moved up to each step so far. */
  readonly moved: ReadonlyArray<number>
  /** What a peer has moved. */
  readonly movedBy: (peer: number) => number
}

/** The bytes of each whole window of so many milliseconds since a time, given the steps of a run. */
export const windows = (
  moved: ReadonlyArray<number>,
  sinceMs: number,
  ms = 10_000,
): ReadonlyArray<number> => {
  const steps = ms / STEP_MS
  const from = sinceMs / STEP_MS
  return moved.slice(from + steps).map((bytes, i) => bytes - moved[from + i]!)
}

/** @param demand - peers without end: a torrent large enough for the run is the caller's care. */
export const steadyDemand = (demand: DemandOptions): SteadyDemand => {
  const { direction, count, latencyMs = 40, capacity = [], tickMs = () => 250, ...options } = demand
  const pieces = options.pieces ?? 64
  const fixture = checkedFixture({
    pieces,
    blocks: 64,
    have: direction === 'up' ? 'x'.repeat(pieces) : '',
    ...options,
  })
  const random = createPrng(99)
  const moved = [0]
  let toTick = 0
  const askedAt = new WeakMap<WireMessage, number>()
  const credit = Array.from({ length: count }, () => 0)
  /** Per peer: reads to answer, and blocks wanted. */
  const reads = new Map<number, { readonly at: number; readonly bytes: number }[]>()
  const wanted = new Map<number, number>()
  const peers = Array.from({ length: count }, () =>
    fixture.peer(direction === 'down' ? { has: 'all' } : { has: '0'.repeat(pieces) }),
  )
  fixture.onTurn((_, effects) => {
    for (const effect of effects) {
      if (effect._tag !== 'ServeBlocks') continue
      const queue = reads.get(effect.peer) ?? []
      reads.set(effect.peer, queue)
      queue.push({ at: fixture.now(), bytes: effect.length })
      wanted.set(effect.peer, (wanted.get(effect.peer) ?? 0) - effect.length / BLOCK)
    }
  })
  let isBegun = false
  const begin = (): void => {
    isBegun = true
    for (const peer of peers) peer.says({ _tag: direction === 'down' ? 'Unchoke' : 'Interested' })
  }

  const give = (peer: FakePeer, index: number): void => {
    const now = fixture.now()
    credit[index] = Math.min(credit[index]! + ((capacity[index] ?? Infinity) * STEP_MS) / 1_000, 1e6)
    let ready = 0
    for (let i = peer.owed.length - 1; i >= 0 && !askedAt.has(peer.owed[i]!); i--)
      askedAt.set(peer.owed[i]!, now)
    for (const request of peer.owed) {
      if (askedAt.get(request)! + latencyMs > now || credit[index] < BLOCK) break
      credit[index] -= BLOCK
      ready++
    }
    for (; ready > 0; ready -= 4) peer.gives(Math.min(4, ready))
  }
  let next = 0
  /** What a socket holds back of each peer; full above 64 KiB. */
  const unsent = Array.from({ length: count }, () => 0)
  const want = (peer: FakePeer, index: number): void => {
    const now = fixture.now()
    const wasFull = unsent[index]! > 65_536
    unsent[index] = Math.max(0, unsent[index]! - ((capacity[index] ?? Infinity) * STEP_MS) / 1_000)
    if (wasFull && unsent[index] <= 65_536) fixture.feed({ _tag: 'PeerDrained', at: now, peer: peer.key })
    const queue = reads.get(peer.key) ?? []
    while (queue.length > 0 && queue[0]!.at + latencyMs <= now) {
      const { bytes } = queue.shift()!
      unsent[index] += bytes
      const wireBytes = bytes + (13 * bytes) / BLOCK
      const isFull = unsent[index] > 65_536
      fixture.feed({ _tag: 'BlocksServed', at: now, peer: peer.key, bytes, wireBytes, isFull })
    }
    const waiting = wanted.get(peer.key) ?? 0
    if (waiting > 100) return
    const requests = Array.from({ length: 64 }, (__, block): WireMessage => {
      return { _tag: 'Request', piece: next % pieces, begin: block * BLOCK, length: BLOCK }
    })
    next++
    wanted.set(peer.key, waiting + 64)
    peer.says(...requests)
  }

  return {
    fixture,
    peers,
    moved,
    movedBy: (peer) => {
      const model = peers[peer]!.model()!
      return direction === 'down' ? model.downloaded : model.uploaded
    },
    run: (ms) => {
      if (!isBegun) begin()
      for (let left = ms; left > 0; left -= STEP_MS) {
        fixture.wait(STEP_MS)
        toTick -= STEP_MS
        if (toTick <= 0) {
          toTick = tickMs(() => random.next())
          fixture.feed({ _tag: 'Tick', at: fixture.now() })
        }
        peers.forEach(direction === 'down' ? give : want)
        moved.push(direction === 'down' ? fixture.model.downloaded : fixture.model.uploaded)
      }
    },
  }
}
