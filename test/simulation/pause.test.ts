import { map, Subscription, tap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { createPrng } from '../../src/operators/random.js'
import type { SessionState } from '../../src/operators/session/state.js'
import type { PeerSocket, SessionDeps } from '../../src/streams/deps.js'
import { createSession, type Session } from '../../src/streams/session.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import { createVirtualWorld } from '../../src/streams/virtual/world.js'

import { makeTorrent } from '../support/makeTorrent.js'
import { rethrow } from '../support/rethrow.js'

const torrent = makeTorrent({
  pieceLength: 65_536,
  files: 60 * 65_536,
  trackers: ['http://tracker.test/announce'],
})
const layout = layoutOf(torrent.metainfo)
/** Above what a second of haves, refusals and keep-alives comes to, far below one block. */
const TALK = 4_000

/** Counts what goes through every socket of a host, below the session. */
const counted = (deps: SessionDeps): { readonly deps: SessionDeps; readonly bytes: () => number } => {
  let bytes = 0
  const count = (socket: PeerSocket): PeerSocket => ({
    ...socket,
    chunk$: socket.chunk$.pipe(
      tap((chunk) => {
        if (E.isRight(chunk)) bytes += chunk.right.length
      }),
    ),
    write: (buffers) => {
      for (const buffer of buffers) bytes += buffer.length
      return socket.write(buffers)
    },
  })
  const { network } = deps
  return {
    bytes: () => bytes,
    deps: {
      ...deps,
      network: {
        connect: (address) => network.connect(address).pipe(map(E.map(count))),
        listen: (options) =>
          network
            .listen(options)
            .pipe(
              map(
                E.map((event) =>
                  event._tag === 'Accepted' ? { ...event, socket: count(event.socket) } : event,
                ),
              ),
            ),
      },
    },
  }
}

describe('in a swarm, a session that is paused', () => {
  it.each([1, 2, 3])('moves no payload, keeps its peers, and all complete (seed %i)', (seed) => {
    const prng = createPrng(seed)
    const world = createVirtualWorld({
      seed,
      network: { latencyMs: 30, jitterMs: 10, link: { up: 150_000, down: 1_000_000 } },
    })
    const all = new Subscription()
    const run = (
      address: string,
      deps = world.host(address).deps,
    ): { session: Session; states: SessionState[] } => {
      const session = createSession(torrent.metainfo, deps)
      const states: SessionState[] = []
      all.add(session.state$.subscribe({ next: (state) => states.push(state), error: rethrow }))
      return { session, states }
    }
    world.host('10.0.0.1').disk.preload(layout, torrent.content)
    run('10.0.0.1')
    const others = [2, 3, 4].map((number) => run(`10.0.0.${String(number)}`))
    const { deps, bytes } = counted(world.host('10.0.0.9').deps)
    const { session, states } = run('10.0.0.9', deps)
    const state = (): SessionState => states.at(-1)!
    let pauses = 0
    while (!state().progress.isComplete && pauses < 6) {
      world.clock.advanceBy(2_000 + prng.int(3_000))
      if (state().progress.isComplete) break
      session.send({ _tag: 'SetDesired', desired: 'paused' })
      const askedAt = world.clock.now()
      world.clock.run(() => state().phase === 'paused', 10_000)
      expect(world.clock.now() - askedAt).toBeLessThanOrEqual(3_500)
      const [{ totals, peers }, counted] = [state(), bytes()]
      for (let second = 0; second < 10; second++) {
        const before = bytes()
        world.clock.advanceBy(1_000)
        expect(bytes() - before).toBeLessThan(TALK)
      }
      expect(bytes() - counted).toBeLessThan(3 * TALK)
      const { downloaded, uploaded, wasted } = totals
      expect(session.state()!.totals).toMatchObject({ downloaded, uploaded, wasted })
      expect(state().peers.length, 'they are kept').toBeGreaterThanOrEqual(Math.min(1, peers.length))
      session.send({ _tag: 'SetDesired', desired: 'running' })
      pauses++
    }
    expect(pauses).toBeGreaterThan(1)
    const isDone = (): boolean =>
      [state(), ...others.map((other) => other.states.at(-1)!)].every(({ progress }) => progress.isComplete)
    expect(world.clock.run(isDone, 600_000)).toBe(true)
    expect(Buffer.compare(world.host('10.0.0.9').disk.bytes(layout), torrent.content)).toBe(0)
    all.unsubscribe()
  })
})
