import { firstValueFrom } from 'rxjs'
import { expect, it } from 'vitest'
import { createClient } from '../../src/streams/client.js'
import { createVirtualWorld } from '../../src/streams/virtual/world.js'
import { makeTorrent } from '../support/makeTorrent.js'

const SESSIONS = 30

it('tells many sessions to stop a few at a time', async () => {
  const world = createVirtualWorld({ seed: 1 })
  const { deps } = world.host('10.0.0.1')
  const client = createClient(
    {
      ...deps,
      sessionDeps: () => deps,
      readTorrent: () => {
        throw new Error('there are no files here')
      },
    },
    { directory: '' },
  )
  for (let seed = 0; seed < SESSIONS; seed++) {
    const { metainfo } = makeTorrent({ name: `t${String(seed)}`, pieceLength: 16_384, files: 16_384, seed })
    client.add(metainfo).subscribe({ error: expect.unreachable })
  }
  world.clock.advanceBy(1_000)
  const sessions = [...(await firstValueFrom(client.sessions$)).values()]
  expect(sessions).toHaveLength(SESSIONS)
  const ended = new Set<number>()
  sessions.forEach(({ state$ }, i) =>
    state$.subscribe({
      next: ({ phase }) => {
        if (phase === 'stopping' || phase === 'stopped') ended.add(i)
      },
      error: expect.unreachable,
      complete: () => ended.add(i),
    }),
  )
  let isOver = false
  client.stop().subscribe({ error: expect.unreachable, complete: () => (isOver = true) })
  expect(ended.size).toBeLessThanOrEqual(4)
  world.clock.advanceBy(10_000)
  expect(ended.size).toBe(SESSIONS)
  expect(isOver).toBe(true)
})
