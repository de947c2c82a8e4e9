import { fc, test } from '@fast-check/vitest'
import type { Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { PeerSocket } from '../../../src/streams/deps.js'
import type { VirtualClock } from '../../../src/streams/virtual/index.js'
import { socketPair } from '../../support/socketPair.js'

interface Reading {
  readonly bytes: () => number[]
  /** `time length` for each chunk, `time code` for a failure, `time end`. */
  readonly log: string[]
  readonly subscription: Subscription
}

const read = (clock: VirtualClock, socket: PeerSocket): Reading => {
  const chunks: Uint8Array[] = []
  const log: string[] = []
  const note = (what: string): number => log.push(`${String(clock.now())} ${what}`)
  const subscription = socket.chunk$.subscribe({
    next: (chunk) => {
      if (E.isLeft(chunk)) {
        note(chunk.left.code)
        return
      }
      chunks.push(chunk.right.slice())
      note(String(chunk.right.length))
    },
    error: expect.unreachable,
    complete: () => {
      note('end')
    },
  })
  return { bytes: () => chunks.flatMap((chunk) => [...chunk]), log, subscription }
}

const received = ({ log }: Reading): number =>
  log.reduce((sum, line) => sum + (Number(line.split(' ')[1]) || 0), 0)

describe('a virtual socket', () => {
  it('carries bytes both ways, after the latency', () => {
    const { clock, near, far } = socketPair()
    const [atNear, atFar] = [read(clock, near), read(clock, far)]
    expect(near.write([Uint8Array.of(1, 2), Uint8Array.of(3)])).toBe(true)
    expect(far.write([Uint8Array.of(4)])).toBe(true)
    clock.advanceBy(50)
    expect([atFar.bytes(), atFar.log]).toEqual([[1, 2, 3], ['30 3']])
    expect([atNear.bytes(), atNear.log]).toEqual([[4], ['30 1']])
  })

  it('overwrites a chunk after its emission, and never the bytes of the writer', () => {
    const { clock, near, far } = socketPair()
    const kept: Uint8Array[] = []
    far.chunk$.subscribe({
      next: (chunk) => {
        if (E.isRight(chunk)) kept.push(chunk.right)
      },
      error: expect.unreachable,
    })
    const written = Uint8Array.of(1, 2, 3)
    near.write([written])
    clock.advanceBy(50)
    expect([...kept[0]!]).toEqual([0xaa, 0xaa, 0xaa])
    expect([...written]).toEqual([1, 2, 3])
  })

  it('reads nothing before the subscription, and has one reader', () => {
    const { clock, near, far } = socketPair()
    near.write([Uint8Array.of(1)])
    clock.advanceBy(100)
    const atFar = read(clock, far)
    expect(atFar.log).toEqual([])
    const errors: unknown[] = []
    far.chunk$.subscribe({
      error: (error: unknown) => {
        errors.push(error)
      },
    })
    expect(errors).toHaveLength(1)
    clock.advanceBy(1)
    expect(atFar.bytes()).toEqual([1])
  })

  test.prop(
    [
      fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 30 }),
      fc.record({
        seed: fc.nat(),
        minChunkSize: fc.integer({ min: 1, max: 100 }),
        chunkSize: fc.integer({ min: 100, max: 2_000 }),
        windowSize: fc.integer({ min: 1_000, max: 10_000 }),
        jitterMs: fc.nat(30),
      }),
      fc.constantFrom(Infinity, 20_000),
    ],
    { numRuns: 50 },
  )('keeps bytes and their order, however they are cut, delayed and bounded', (writes, options, up) => {
    const pair = socketPair(options, { near: { up }, far: { down: up } })
    const { clock, near, far, network } = pair
    const atFar = read(clock, far)
    read(clock, near)
    for (const bytes of writes) near.write([bytes.slice()])
    near.end()
    clock.run(undefined, 1e7)
    expect(atFar.bytes()).toEqual(writes.flatMap((bytes) => [...bytes]))
    expect(atFar.log.at(-1)).toMatch(/ end$/)
    expect(network.openSockets()).toBe(0)
    pair.release()
    expect(clock.pending()).toBe(0)
  })

  describe('bandwidth', () => {
    const megabyte = 1_000_000
    const fill = (socket: PeerSocket): void => {
      for (let i = 0; i < 20; i++) socket.write([new Uint8Array(megabyte / 20)])
    }

    it.each([
      ['uplink', { near: { up: 100_000 } }, 10_000],
      ['downlink', { far: { down: 50_000 } }, 20_000],
      ['slower of the two', { near: { up: 200_000 }, far: { down: 100_000 } }, 10_000],
    ] as const)('is that of the %s, within 5 %%', (_, links, expectedMs) => {
      const { clock, near, far } = socketPair({}, links)
      const atFar = read(clock, far)
      const started = clock.now()
      fill(near)
      clock.run(() => received(atFar) === megabyte)
      expect(Math.abs(clock.now() - started - expectedMs)).toBeLessThan(0.05 * expectedMs)
    })

    it('is at most a window a round trip', () => {
      const { clock, near, far } = socketPair({ windowSize: 10_000, chunkSize: 1_000 })
      const atFar = read(clock, far)
      const started = clock.now()
      fill(near)
      clock.run(() => received(atFar) === megabyte)
      expect(Math.abs(clock.now() - started - 2_000)).toBeLessThan(100)
    })

    it('is shared fairly by the connections of a host', () => {
      const pair = socketPair({}, { near: { up: 100_000 } })
      const { clock, network, near, far } = pair
      const others: Reading[] = []
      network
        .host('near')
        .listen({ port: 9 })
        .subscribe({
          next: (event) => {
            if (E.isRight(event) && event.right._tag === 'Accepted') fill(event.right.socket)
          },
          error: expect.unreachable,
        })
      for (const name of ['a', 'b', 'c']) {
        network
          .host(name)
          .connect({ host: 'near', port: 9 })
          .subscribe({
            next: (answer) => {
              if (E.isRight(answer)) others.push(read(clock, answer.right))
            },
            error: expect.unreachable,
          })
      }
      others.push(read(clock, far))
      fill(near)
      clock.advanceBy(10_000)
      expect(others).toHaveLength(4)
      for (const reading of others) expect(Math.abs(received(reading) - 250_000)).toBeLessThan(12_500)
    })
  })

  describe('back-pressure', () => {
    it('answers false above the mark, and drains once', () => {
      const { clock, near, far } = socketPair({ highWaterMark: 1_000 }, { near: { up: 1_000 } })
      read(clock, far)
      const drains: number[] = []
      const started = clock.now()
      near.drain$.subscribe({
        next: () => {
          drains.push(clock.now() - started)
        },
        error: expect.unreachable,
      })
      expect(near.write([new Uint8Array(1_000)])).toBe(true)
      expect(near.write([new Uint8Array(1_000)])).toBe(true)
      expect(near.write([new Uint8Array(1)])).toBe(false)
      expect(drains).toEqual([])
      clock.advanceBy(10_000)
      expect(drains).toHaveLength(1)
      expect(drains[0]!).toBeGreaterThan(1_000)
      near.write([new Uint8Array(10)])
      clock.advanceBy(10_000)
      expect(drains).toHaveLength(1)
    })

    it('a paused reader holds the sender up after one window', () => {
      const { clock, near, far } = socketPair({ windowSize: 10_000, chunkSize: 1_000, highWaterMark: 5_000 })
      const atFar = read(clock, far)
      far.pause()
      let accepted = 0
      while (near.write([new Uint8Array(1_000)])) accepted += 1_000
      clock.advanceBy(10_000)
      expect(accepted).toBe(15_000)
      expect(atFar.log).toEqual([])
      let drained = 0
      near.drain$.subscribe({
        next: () => {
          drained++
        },
        error: expect.unreachable,
      })
      far.resume()
      expect(atFar.log).toEqual([])
      clock.advanceBy(1_000)
      expect(received(atFar)).toBe(16_000)
      expect(drained).toBe(1)
    })

    it('pauses from inside an emission', () => {
      const { clock, near, far } = socketPair({ chunkSize: 10 })
      const seen: number[] = []
      far.chunk$.subscribe({
        next: (chunk) => {
          if (E.isRight(chunk)) seen.push(chunk.right.length)
          far.pause()
        },
        error: expect.unreachable,
      })
      near.write([new Uint8Array(30)])
      clock.advanceBy(100)
      expect(seen).toEqual([10])
      far.resume()
      clock.advanceBy(100)
      expect(seen).toEqual([10, 10])
    })
  })

  describe('closing', () => {
    it('end sends what is queued, then both ends complete', () => {
      const pair = socketPair({}, { near: { up: 10_000 } })
      const { clock, near, far, network } = pair
      const [atNear, atFar] = [read(clock, near), read(clock, far)]
      near.write([new Uint8Array(5_000)])
      near.end()
      expect(near.write([new Uint8Array(1)])).toBe(false)
      clock.run()
      expect(received(atFar)).toBe(5_000)
      expect(atFar.log.at(-1)).toBe('530 end')
      expect(atNear.log).toEqual(['540 end'])
      expect(network.openSockets()).toBe(0)
    })

    it('the answer to an end still sends what is queued there', () => {
      const { clock, near, far, network } = socketPair({}, { far: { up: 10_000 } })
      const [atNear] = [read(clock, near), read(clock, far)]
      far.write([new Uint8Array(5_000)])
      near.end()
      clock.run()
      expect(received(atNear)).toBe(5_000)
      expect(atNear.log.at(-1)).toMatch(/ end$/)
      expect(network.openSockets()).toBe(0)
    })

    it('destroy closes at once, drops what is queued, and is idempotent', () => {
      const { clock, near, far, network } = socketPair({}, { near: { up: 10_000 } })
      const [atNear, atFar] = [read(clock, near), read(clock, far)]
      clock.advanceBy(10)
      near.write([new Uint8Array(100_000)])
      clock.advanceBy(1_000)
      near.destroy()
      near.destroy()
      near.end()
      near.resume()
      expect(atNear.log).toEqual(['1030 end'])
      clock.run()
      expect(received(atFar)).toBeGreaterThan(5_000)
      expect(received(atFar)).toBeLessThan(11_000)
      expect(atFar.log.at(-1)).toBe('1040 end')
      expect(network.openSockets()).toBe(0)
    })

    it('what reaches a destroyed socket resets the sender', () => {
      const { clock, near, far, network } = socketPair()
      const atFar = read(clock, far)
      far.pause()
      near.destroy()
      far.write([Uint8Array.of(1)])
      clock.run()
      expect(atFar.log).toEqual(['40 ECONNRESET', '40 end'])
      expect(network.openSockets()).toBe(0)
    })

    it('tells a late reader how it ended', () => {
      const { clock, near, far, network } = socketPair()
      network.reset('near')
      expect(read(clock, near).log).toEqual(['20 ECONNRESET', '20 end'])
      expect(read(clock, far).log).toEqual(['20 ECONNRESET', '20 end'])
      const other = socketPair()
      other.near.destroy()
      expect(read(other.clock, other.near).log).toEqual(['20 end'])
    })

    it('may be destroyed from inside an emission', () => {
      const pair = socketPair({ chunkSize: 10 })
      const { clock, near, far, network } = pair
      const seen: unknown[] = []
      far.chunk$.subscribe({
        next: (chunk) => {
          seen.push(E.isRight(chunk) ? chunk.right.length : chunk.left.code)
          far.destroy()
        },
        error: expect.unreachable,
        complete: () => {
          seen.push('end')
        },
      })
      const atNear = read(clock, near)
      near.write([new Uint8Array(50)])
      pair.clock.run()
      expect(seen).toEqual([10, 'end'])
      expect(atNear.log.at(-1)).toMatch(/ end$/)
      expect(network.openSockets()).toBe(0)
    })

    it('completes drain$ with the socket', () => {
      const { near } = socketPair()
      let ended = false
      near.drain$.subscribe({
        error: expect.unreachable,
        complete: () => {
          ended = true
        },
      })
      near.destroy()
      expect(ended).toBe(true)
    })

    it('leaves nothing once both ends are closed, whatever is under way', () => {
      const pair = socketPair({ windowSize: 5_000 }, { near: { up: 10_000 }, far: { down: 5_000, up: 1 } })
      const { clock, near, far, network } = pair
      read(clock, far)
      near.write([new Uint8Array(100_000)])
      far.write([new Uint8Array(100_000)])
      clock.advanceBy(1_234)
      pair.release()
      far.destroy()
      expect([clock.pending(), network.openSockets(), network.openPorts()]).toEqual([0, 0, 0])
    })
  })

  describe('a partition', () => {
    it('holds what is under way, and lets it go on', () => {
      const { clock, network, near, far } = socketPair()
      const [atNear, atFar] = [read(clock, near), read(clock, far)]
      near.write([Uint8Array.of(1)])
      clock.advanceTo(25)
      network.partition('near', 'far')
      far.write([Uint8Array.of(2)])
      clock.advanceTo(5_000)
      expect([atNear.log, atFar.log]).toEqual([[], []])
      network.heal('far', 'near')
      clock.advanceTo(10_000)
      expect([atNear.bytes(), atFar.bytes()]).toEqual([[2], [1]])
    })

    it('holds the closing words of a socket that is gone', () => {
      const { clock, network, near, far } = socketPair()
      const atFar = read(clock, far)
      network.partition('near')
      near.destroy()
      clock.advanceTo(5_000)
      expect([clock.pending(), network.openSockets()]).toEqual([0, 1])
      network.heal('near')
      clock.advanceTo(6_000)
      expect(atFar.log).toEqual(['5000 end'])
      expect(network.openSockets()).toBe(0)
    })

    it('times the sender out in the end, and only the sender', () => {
      const { clock, network, near, far } = socketPair({ retransmitTimeoutMs: 30_000 })
      const [atNear, atFar] = [read(clock, near), read(clock, far)]
      network.partition('near', 'far')
      clock.advanceTo(100)
      near.write([Uint8Array.of(1)])
      clock.advanceTo(200_000)
      expect(atNear.log).toEqual(['30110 ETIMEDOUT', '30110 end'])
      expect(atFar.log).toEqual([])
      expect(network.openSockets()).toBe(1)
      network.heal('near', 'far')
      far.write([Uint8Array.of(2)])
      clock.run()
      expect(atFar.log.at(-2)).toMatch(/ECONNRESET$/)
      expect(network.openSockets()).toBe(0)
    })
  })

  it('breaks connections by chance', () => {
    const { clock, near, far } = socketPair({ lossChance: 0.05, chunkSize: 1_000 })
    const [atNear, atFar] = [read(clock, near), read(clock, far)]
    near.write([new Uint8Array(200_000)])
    clock.run()
    expect(atNear.log.at(-2)).toMatch(/ECONNRESET$/)
    expect(atFar.log.at(-2)).toMatch(/ECONNRESET$/)
    expect(received(atFar)).toBeGreaterThan(0)
    expect(received(atFar)).toBeLessThan(200_000)
  })

  it('does the same again for the same seed, and something else for another', () => {
    const trace = (seed: number): string[] => {
      const { clock, near, far } = socketPair({ seed, jitterMs: 9, minChunkSize: 10, chunkSize: 900 })
      const [atNear, atFar] = [read(clock, near), read(clock, far)]
      for (let i = 0; i < 20; i++) {
        near.write([new Uint8Array(i * 100)])
        far.write([new Uint8Array(i * 50)])
        clock.advanceBy(7)
      }
      near.end()
      clock.run()
      return [...atNear.log, ...atFar.log]
    }
    expect(trace(5)).toEqual(trace(5))
    expect(trace(5)).not.toEqual(trace(6))
  })
})
