import { firstValueFrom, NEVER, of, type Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { createClient } from '../../src/streams/client.js'
import type { TrackerClient } from '../../src/streams/deps.js'
import { createVirtualWorld } from '../../src/streams/virtual/world.js'
import { RESPONSE } from '../operators/tracker/fixtures.js'
import { makeTorrent } from '../support/makeTorrent.js'

const SESSIONS = 30

/** A client of so many sessions, in virtual time. */
const busyClient = async (count: number, trackers?: TrackerClient) => {
  const { clock, host } = createVirtualWorld({ seed: 1 })
  const { deps } = host('10.0.0.1')
  const client = createClient(
    {
      ...deps,
      sessionDeps: () => (trackers === undefined ? deps : { ...deps, trackers }),
      readTorrent: () => {
        throw new Error('there are no files here')
      },
    },
    { directory: '' },
  )
  for (let seed = 0; seed < count; seed++) {
    const { metainfo } = makeTorrent({ name: `t${String(seed)}`, pieceLength: 16_384, files: 16_384, seed })
    client
      .add(
        trackers === undefined ? metainfo : { ...metainfo, trackers: [[`http://t${String(seed)}.test/a`]] },
      )
      .subscribe({ error: expect.unreachable })
  }
  clock.advanceBy(1_000)
  const sessions = [...(await firstValueFrom(client.sessions$)).values()]
  expect(sessions).toHaveLength(count)
  /** Sessions that have been told, and those that are over. */
  const [told, over] = [new Set<number>(), new Set<number>()]
  sessions.forEach(({ state$ }, i) =>
    state$.subscribe({
      next: ({ phase }) => {
        if (phase === 'stopping' || phase === 'stopped') told.add(i)
      },
      error: expect.unreachable,
      complete: () => {
        told.add(i)
        over.add(i)
      },
    }),
  )
  let isClosed = false
  client.sessions$.subscribe({ error: expect.unreachable, complete: () => (isClosed = true) })
  let isDone = false
  const stop = (): Subscription =>
    client.stop().subscribe({ error: expect.unreachable, complete: () => (isDone = true) })
  return { clock, client, told, over, stop, isDone: () => isDone, isClosed: () => isClosed }
}

describe('a client that stops', () => {
  it('tells its sessions a few at a time, and is closed when all are over', async () => {
    const { clock, told, over, stop, isDone, isClosed } = await busyClient(SESSIONS)
    stop()
    expect(told.size).toBeLessThanOrEqual(4)
    expect([isDone(), isClosed()]).toEqual([false, false])
    clock.advanceBy(10_000)
    expect([told.size, over.size, isDone(), isClosed()]).toEqual([SESSIONS, SESSIONS, true, true])
    expect(clock.pending()).toBe(0)
  })

  it('does not wait with the next for those that end slowly', async () => {
    const { clock, told, over, stop } = await busyClient(SESSIONS, {
      announce: (_url, { event }) => (event === 'stopped' ? NEVER : of(E.right(RESPONSE))),
    })
    stop()
    clock.advanceBy(100)
    expect(told.size).toBe(SESSIONS)
    expect(over.size).toBe(0)
  })

  it('tells all of them though who asked has left, and stays open', async () => {
    const { clock, over, stop, isClosed } = await busyClient(SESSIONS)
    stop().unsubscribe()
    clock.advanceBy(10_000)
    expect([over.size, isClosed()]).toEqual([SESSIONS, false])
  })

  it('ends all at once when it is closed meanwhile', async () => {
    const { clock, client, over, stop, isDone, isClosed } = await busyClient(SESSIONS)
    stop()
    client.close()
    expect([over.size, isDone(), isClosed()]).toEqual([SESSIONS, true, true])
    expect(clock.pending()).toBe(0)
  })

  it('is closed at once without sessions', async () => {
    const { stop, isDone, isClosed } = await busyClient(0)
    stop()
    expect([isDone(), isClosed()]).toEqual([true, true])
  })
})
