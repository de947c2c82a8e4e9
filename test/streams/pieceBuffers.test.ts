import { Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createBufferPool } from '../../src/streams/disk/bufferPool.js'
import type { BufferPool } from '../../src/streams/disk/bufferPool.js'
import { createSession } from '../../src/streams/session.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import { createVirtualWorld } from '../../src/streams/virtual/world.js'
import { makeTorrent } from '../support/makeTorrent.js'

/** A pool that tells how many buffers it had to make, how many came back, and how many use it. */
const watched = (): { readonly pool: BufferPool; made: number; came: number; users: number } => {
  const pool = createBufferPool()
  // A hasher may bring memory home in another buffer.
  const known = new Set<ArrayBufferLike>()
  const seen = {
    made: 0,
    came: 0,
    users: 0,
    pool: {
      ...pool,
      take: (length: number): Uint8Array => {
        const bytes = pool.take(length)
        if (!known.has(bytes.buffer)) seen.made += 1
        return bytes
      },
      giveBack: (bytes: Uint8Array): void => {
        known.add(bytes.buffer)
        seen.came += 1
        pool.giveBack(bytes)
      },
      join: () => {
        const leave = pool.join()
        let isUser = true
        seen.users += 1
        return () => {
          leave()
          if (isUser) seen.users -= 1
          isUser = false
        }
      },
    },
  }
  return seen
}

describe('the memory of pieces under way', () => {
  const PIECES = 64
  const PIECE = 65_536

  it('is used again, by sessions one after the other and beside each other, and left when they are done or end', () => {
    const world = createVirtualWorld({ seed: 1, network: { latencyMs: 5, link: { up: 500_000 } } })
    const { deps } = world.host('10.0.0.1')
    const seen = watched()
    const seeds = new Subscription()
    const start = (seed: number): { readonly isComplete: () => boolean; readonly end: () => void } => {
      const torrent = makeTorrent({ name: String(seed), pieceLength: PIECE, files: PIECES * PIECE, seed })
      const host = `10.0.1.${String(seed)}`
      const machine = world.host(host)
      machine.disk.preload(layoutOf(torrent.metainfo), torrent.content)
      seeds.add(createSession(torrent.metainfo, machine.deps, { port: 7_000 }).state$.subscribe())
      const session = createSession(
        torrent.metainfo,
        { ...deps, buffers: seen.pool },
        { peers: [{ host, port: 7_000 }] },
      )
      let isComplete = false
      const running = session.complete$.subscribe(() => {
        isComplete = true
      })
      return {
        isComplete: () => isComplete,
        end: () => {
          running.unsubscribe()
        },
      }
    }
    const both = [start(1), start(2)]
    world.clock.advanceBy(2_000)
    expect(seen.users).toBe(2)
    world.clock.advanceBy(60_000)
    expect(both.map(({ isComplete }) => isComplete())).toEqual([true, true])
    expect(seen.users, 'nothing is left to come').toBe(0)
    expect(seen.came).toBe(2 * PIECES)
    expect(seen.made).toBeLessThan(PIECES)
    const third = start(3)
    world.clock.advanceBy(2_000)
    expect(seen.users).toBe(1)
    third.end()
    expect(seen.users).toBe(0)
    for (const { end } of both) end()
    seeds.unsubscribe()
  })
})
