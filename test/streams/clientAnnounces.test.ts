import { finalize, NEVER, defer } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { createClient } from '../../src/streams/client.js'
import type { TrackerClient } from '../../src/streams/deps.js'
import { createVirtualWorld } from '../../src/streams/virtual/world.js'
import { makeTorrent } from '../support/makeTorrent.js'

const SESSIONS = 120

describe('a client of many sessions', () => {
  it('has at most 50 announces under way, and ends in time although no tracker answers', () => {
    const world = createVirtualWorld({ seed: 1 })
    const { deps } = world.host('10.0.0.1')
    let [open, most, asked] = [0, 0, 0]
    const trackers: TrackerClient = {
      announce: () =>
        defer(() => {
          asked++
          most = Math.max(most, ++open)
          return NEVER.pipe(finalize(() => open--))
        }),
    }
    const client = createClient(
      {
        ...deps,
        sessionDeps: () => ({ ...deps, trackers }),
        readTorrent: () => {
          throw new Error('there are no files here')
        },
      },
      { directory: '' },
    )
    for (let seed = 0; seed < SESSIONS; seed++) {
      const { metainfo } = makeTorrent({ name: `t${String(seed)}`, pieceLength: 16_384, files: 16_384, seed })
      client.add({ ...metainfo, trackers: [[`http://t${String(seed)}.test/announce`]] }).subscribe({
        next: (added) => {
          expect(E.isRight(added)).toBe(true)
        },
        error: expect.unreachable,
      })
    }
    world.clock.advanceBy(30_000)
    expect([open, most, asked]).toEqual([50, 50, 50])

    let stoppedAt: number | undefined
    const before = world.clock.now()
    client.stop().subscribe({
      error: expect.unreachable,
      complete: () => {
        stoppedAt = world.clock.now()
      },
    })
    world.clock.advanceBy(10_000)
    expect(stoppedAt).toBeLessThanOrEqual(before + 5_500)
    expect([open, most]).toEqual([0, 50])
  })
})
