import { fc, test } from '@fast-check/vitest'
import { afterEach, describe, expect, it } from 'vitest'
import { equalBytes } from '../../../src/codecs/bytes.js'
import { UTP_TYPE } from '../../../src/codecs/utp/utpPacket.js'
import { UTP_LIMITS } from '../../../src/operators/utp/limits.js'
import { createPrng } from '../../../src/operators/random.js'
import { FAR, NEAR_HOST, type UtpEnd, type UtpLink, type UtpPair, utpPair } from '../../support/utpPair.js'

const pairs: UtpPair[] = []
afterEach(() => {
  for (const pair of pairs.splice(0)) pair.release()
})

const createPair = (link?: UtpLink): UtpPair => {
  const pair = utpPair(link)
  pairs.push(pair)
  return pair
}

const MINUTE_MS = 60_000

/** Connected: what is first written shows the far end that its answer came. */
const connectedPair = (link?: UtpLink): UtpPair => {
  const pair = createPair(link)
  pair.clock.run(() => pair.far.log.length > 0 || pair.near.log.includes('closed'), 10 * MINUTE_MS)
  return pair
}

const randomBytes = (length: number, seed: number): Uint8Array => {
  const prng = createPrng(seed)
  return Uint8Array.from({ length }, () => prng.uint32())
}

/** Writes all of it, as the socket takes it, and ends. */
const pour = ({ socket }: UtpEnd, bytes: Uint8Array, writeBytes: number, ends: boolean): void => {
  const out = socket()
  let at = 0
  const go = (): void => {
    while (at < bytes.length) {
      const part = bytes.slice(at, (at += writeBytes))
      if (!out.write([part])) break
    }
    if (at >= bytes.length && ends) out.end()
  }
  out.drain$.subscribe({ next: go, error: expect.unreachable })
  go()
}

describe('utpNetwork', () => {
  it('connects, and each end knows the other by its address', () => {
    const { near, far } = connectedPair()
    expect([near.log, far.log]).toEqual([['open'], ['open']])
    expect([near.socket().remote, far.socket().remote.host]).toEqual([FAR, NEAR_HOST])
  })

  it('fails a dial that nobody answers', () => {
    const { near, clock, datagrams } = createPair({ isCut: () => true })
    let syns = 0
    datagrams.sent$.subscribe(() => syns++)
    clock.run(() => near.log.includes('closed'))
    expect(near.log).toEqual(['ETIMEDOUT', 'closed'])
    expect([clock.now(), syns]).toEqual([3_000, 2])
  })

  it('carries bytes both ways, and the end of each direction', () => {
    const { near, far, clock } = connectedPair()
    const [there, back] = [randomBytes(300_000, 1), randomBytes(200_000, 2)]
    pour(near, there, 10_000, true)
    pour(far, back, 7_777, true)
    clock.run(() => near.log.includes('closed'))
    expect(equalBytes(far.received(), there)).toBe(true)
    expect(equalBytes(near.received(), back)).toBe(true)
    expect([near.log, far.log]).toEqual([
      ['open', 'end', 'closed'],
      ['open', 'end'],
    ])
  })

  test.prop(
    [
      fc.record({
        seed: fc.integer({ min: 1, max: 1_000_000 }),
        latencyMs: fc.integer({ min: 0, max: 200 }),
        jitterMs: fc.integer({ min: 0, max: 100 }),
        lossChance: fc.double({ min: 0, max: 0.2, noNaN: true }),
        twiceChance: fc.double({ min: 0, max: 0.2, noNaN: true }),
      }),
      fc.integer({ min: 0, max: 100_000 }),
      fc.integer({ min: 1, max: 50_000 }),
    ],
    { numRuns: 30 },
  )('loses, reorders and repeats nothing that the link does', (link, length, writeBytes) => {
    const { near, far, clock, release } = connectedPair(link)
    if (far.log.length === 0) {
      expect(near.log.at(-1)).toBe('closed')
      return
    }
    const [there, back] = [randomBytes(length, 1), randomBytes(Math.floor(length / 3), 2)]
    pour(near, there, writeBytes, false)
    pour(far, back, writeBytes, false)
    const isDone = (): boolean =>
      (far.receivedBytes() >= there.length && near.receivedBytes() >= back.length) ||
      near.log.length + far.log.length > 2
    clock.run(isDone, 60 * MINUTE_MS)
    expect([near.log, far.log]).toEqual([['open'], ['open']])
    expect(equalBytes(far.received(), there)).toBe(true)
    expect(equalBytes(near.received(), back)).toBe(true)
    near.socket().end()
    far.socket().end()
    clock.run(() => near.log.includes('closed') && far.log.includes('end'), MINUTE_MS)
    expect(far.log).toContain('end')
    release()
  })

  it('counts on where numbers begin anew: from 65 530, for 200 000 packets of both', () => {
    const random = {
      bytes: (count: number) => Uint8Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 0xff : 0xfa)),
    }
    const { near, far, clock } = connectedPair({ random, lossChance: 0.01, jitterMs: 5 })
    const there = randomBytes(1_000_000, 1)
    pour(near, there, 500, false)
    clock.run(() => far.receivedBytes() === there.length, 60 * MINUTE_MS)
    expect(equalBytes(far.received(), there)).toBe(true)
  })

  it('goes round all 65 536 numbers', () => {
    const { near, far, clock } = connectedPair({ latencyMs: 1 })
    let left = 70_000
    const out = near.socket()
    // A packet for each.
    while (left > 0) {
      for (let i = 0; i < 100; i++) out.write([Uint8Array.of(left-- & 0xff)])
      const due = 70_000 - left
      clock.run(() => far.receivedBytes() === due, MINUTE_MS)
    }
    const wrong = far.received().findIndex((byte, i) => byte !== ((70_000 - i) & 0xff))
    expect([far.receivedBytes(), wrong]).toEqual([70_000, -1])
  })
})

describe('back-pressure', () => {
  it('keeps at most a mebibyte for a reader that has paused, and goes on when it does', () => {
    const { near, far, clock } = connectedPair()
    far.socket().pause()
    const there = randomBytes(3 * 1024 * 1024, 1)
    pour(near, there, 64 * 1024, false)
    clock.advanceBy(5 * MINUTE_MS)
    expect([far.receivedBytes(), near.log, far.log]).toEqual([0, ['open'], ['open']])
    far.socket().resume()
    expect(far.receivedBytes()).toBeLessThanOrEqual(UTP_LIMITS.receiveBytes)
    clock.run(() => far.receivedBytes() === there.length, MINUTE_MS)
    expect(equalBytes(far.received(), there)).toBe(true)
  })

  it('survives that the news of room is lost', () => {
    let isCut = false
    const { near, far, clock } = connectedPair({ isCut: () => isCut })
    far.socket().pause()
    const there = randomBytes(2 * 1024 * 1024, 1)
    pour(near, there, 64 * 1024, false)
    clock.advanceBy(MINUTE_MS)
    isCut = true
    far.socket().resume()
    clock.advanceBy(1_000)
    isCut = false
    clock.run(() => far.receivedBytes() === there.length, MINUTE_MS)
    expect(far.receivedBytes()).toBe(there.length)
  })

  it('asks who writes to wait, and tells when there is room', () => {
    const { near, clock } = connectedPair()
    const out = near.socket()
    let drains = 0
    out.drain$.subscribe(() => drains++)
    expect(out.write([new Uint8Array(100)])).toBe(true)
    expect(out.write([new Uint8Array(UTP_LIMITS.highWaterBytes + 10_000)])).toBe(false)
    expect(out.write([new Uint8Array(1)])).toBe(false)
    clock.run(() => drains > 0, MINUTE_MS)
    expect(drains).toBe(1)
    expect(out.write([new Uint8Array(1)])).toBe(true)
  })
})

describe('the end', () => {
  it('of one who destroys is the end of what the other reads', () => {
    const { near, far, clock } = connectedPair()
    near.socket().destroy()
    clock.advanceBy(1_000)
    expect(near.log).toEqual(['open', 'end', 'closed'])
    expect(far.log).toEqual(['open', 'end'])
    // Whoever writes all the same learns that nobody is there.
    far.socket().write([new Uint8Array(1)])
    clock.advanceBy(MINUTE_MS)
    expect(far.log).toEqual(['open', 'end'])
    expect(far.socket().write([new Uint8Array(1)])).toBe(false)
  })

  it('comes by timeout where the other is gone without a word', () => {
    let isCut = false
    const { near, clock } = connectedPair({ isCut: () => isCut })
    isCut = true
    near.socket().write([new Uint8Array(10)])
    clock.advanceBy(MINUTE_MS)
    expect(near.log).toEqual(['open', 'ETIMEDOUT', 'end', 'closed'])
  })

  it('of the subscription closes everything, ports too', () => {
    const { release, clock, datagrams, far } = connectedPair()
    release()
    expect(datagrams.openPorts()).toBe(1)
    clock.advanceBy(1_000)
    expect(far.log).toEqual(['open', 'end'])
    far.socket().destroy()
    expect(datagrams.openPorts()).toBe(0)
    clock.advanceBy(MINUTE_MS)
    expect(clock.pending()).toBe(0)
  })

  it('does not come while nothing is said: translators are kept awake', () => {
    const { near, far, clock, datagrams } = connectedPair()
    const types: number[] = []
    datagrams.sent$.subscribe(({ bytes }) => types.push(bytes[0]! >> 4))
    clock.advanceBy(10 * MINUTE_MS)
    expect([near.log, far.log]).toEqual([['open'], ['open']])
    expect(types.length).toBeGreaterThan(20)
    expect(types.every((type) => type === UTP_TYPE.state)).toBe(true)
  })
})
