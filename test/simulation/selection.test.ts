import { fc, test } from '@fast-check/vitest'
import { Observable, of, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { createGeometry } from '../../src/operators/piece/geometry.js'
import { piecePriorities } from '../../src/operators/piece/piecePriorities.js'
import { selectFiles } from '../../src/operators/piece/selectFiles.js'
import { replay } from '../../src/operators/session/replay.js'
import type { SessionState } from '../../src/operators/session/state.js'
import type { Storage } from '../../src/streams/deps.js'
import { createSession } from '../../src/streams/session.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import { createSwarm } from '../../src/streams/virtual/swarm.js'
import { createVirtualWorld } from '../../src/streams/virtual/world.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { blockOf, type Request, virtualPeer } from '../support/virtualPeer.js'
import { rethrow } from '../support/rethrow.js'

const LENGTHS = [150_000, 0, 11, 260_000, 90_000, 333_333]
const torrent = makeTorrent({
  pieceLength: 32_768,
  files: LENGTHS,
  trackers: ['http://tracker.test/announce'],
})
const { metainfo, content } = torrent
const geometry = createGeometry(metainfo.streamLength, metainfo.pieceLength)

const wantedBy = (priorities: ReadonlyArray<number>): ReadonlySet<number> =>
  new Set(
    Array.from(piecePriorities(metainfo.files, priorities, geometry)).flatMap((priority, piece) =>
      priority > 0 ? [piece] : [],
    ),
  )

const only = (...files: ReadonlyArray<number>): ReadonlyArray<number> =>
  selectFiles(metainfo, (_, index) => files.includes(index))

const expectFile = (bytes: Uint8Array, index: number): void => {
  const { offset, length } = metainfo.files[index]!
  const end = offset + length
  expect(Buffer.compare(bytes.subarray(offset, end), content.subarray(offset, end)), String(index)).toBe(0)
}

describe('choosing files', () => {
  const anyChoice = fc.array(fc.constantFrom(0, 0, 0, 1, 4, 7), {
    minLength: LENGTHS.length,
    maxLength: LENGTHS.length,
  })

  test.prop([fc.array(anyChoice, { minLength: 1, maxLength: 5 }), fc.boolean(), fc.nat(1_000)], {
    numRuns: 40,
  })('asks for nothing but what is wanted at the time, and gets all of that', (choices, isLate, seed) => {
    const world = createVirtualWorld({
      seed,
      network: { latencyMs: 20, jitterMs: 10, link: { up: 400_000 } },
    })
    const priorities$ = new Subject<ReadonlyArray<number>>()
    let current: ReadonlySet<number> = new Set(isLate ? [] : wantedBy(choices[0]!))
    let stale: ReadonlySet<number> = current
    const strange: number[] = []
    const answer = (request: Request): Uint8Array => {
      // What was on the way when the choice changed is not to be blamed.
      if (!current.has(request.piece) && !stale.has(request.piece)) strange.push(request.piece)
      return blockOf(torrent, request)
    }
    const peers = ['10.1.0.1', '10.1.0.2', '10.1.0.3'].map((host) =>
      virtualPeer(world, torrent, host, answer),
    )
    const leech = world.host('10.2.0.1')
    const session = createSession(metainfo, leech.deps, {
      peers: peers.map(({ address }) => address),
      priorities: isLate ? priorities$ : choices[0]!,
    })
    let state: SessionState | undefined
    const subscription = session.state$.subscribe({ next: (next) => (state = next), error: rethrow })
    world.clock.advanceBy(700)
    if (isLate) expect(state!.progress.havePieces).toBe(0)
    for (const priorities of isLate ? choices : choices.slice(1)) {
      stale = current
      current = wantedBy(priorities)
      if (isLate) priorities$.next(priorities)
      else session.send({ _tag: 'SetPriorities', priorities })
      // Longer than anything is on the way.
      world.clock.advanceBy(100)
      stale = current
      world.clock.advanceBy(400)
    }
    expect(world.clock.run(() => state!.progress.isDone, 120_000)).toBe(true)
    expect(strange).toEqual([])
    const last = choices.at(-1)!
    expect(state!.files.map(({ priority }) => priority)).toEqual(last)
    const bytes = leech.disk.bytes(layoutOf(metainfo))
    last.forEach((priority, index) => {
      if (priority === 0) return
      expect(state!.files[index]!.isDone).toBe(true)
      expectFile(bytes, index)
    })
    for (const piece of current) expect(state!.pieces.status[piece]).toBe(3)
    subscription.unsubscribe()
    for (const peer of peers) peer.subscription.unsubscribe()
  })

  it('lets a swarm of those who want different files come to all of them, from each other', () => {
    // Member 0 has everything and leaves once each file is somewhere else.
    const choices = [only(0, 1, 2), only(3), only(4, 5), only(2, 5)]
    const swarm = createSwarm({
      seed: 5,
      metainfo,
      content,
      seeds: 1,
      leechers: 5,
      network: { latencyMs: 20, link: { up: 500_000 } },
      options: (member) => (member === 0 || member === 5 ? {} : { priorities: choices[member - 1]! }),
    })
    const [seed, ...leechers] = swarm.members
    const choosy = leechers.slice(0, 4)
    swarm.world.clock.run(() => choosy.every(({ state }) => state()?.progress.isDone === true), 120_000)
    choosy.forEach(({ host, state }, at) => {
      const bytes = host.disk.bytes(layoutOf(metainfo))
      choices[at]!.forEach((priority, index) => {
        if (priority > 0) expectFile(bytes, index)
      })
      const lacks = wantedBy(choices[at]!)
      state()!.pieces.status.forEach((status, piece) => {
        expect(status === 3, `piece ${String(piece)} of ${String(at)}`).toBe(lacks.has(piece))
      })
      expect(state()!.phase).toBe('seeding')
    })
    seed!.subscription.unsubscribe()
    const greedy = leechers[4]!
    expect(swarm.world.clock.run(() => greedy.state()!.progress.isComplete, 10 * 60_000)).toBe(true)
    expect(Buffer.compare(greedy.host.disk.bytes(layoutOf(metainfo)), content)).toBe(0)
    for (const { config, log, state } of choosy) {
      const [last] = [...replay(config()!, log)].slice(-1)
      expect(last!.state.files).toEqual(state()!.files)
    }
    swarm.end()
  })

  it('tells the storage before it writes or looks, and again with each change', () => {
    const world = createVirtualWorld({ seed: 1 })
    const { deps, disk } = world.host('10.0.0.1')
    // There is something to look at.
    disk.preload(layoutOf(metainfo), Uint8Array.of(1))
    const told: string[] = []
    const session = createSession(
      metainfo,
      {
        ...deps,
        openStorage: (layout) =>
          new Observable((subscriber) =>
            deps.openStorage(layout).subscribe({
              next: (opened) => {
                subscriber.next(
                  E.map((storage: Storage): Storage => ({
                    ...storage,
                    hashPieces: (first, last) => {
                      told.push('hash')
                      return storage.hashPieces(first, last)
                    },
                    select: (wanted) => {
                      told.push(wanted.map((is) => (is ? '1' : '0')).join(''))
                      return of(E.right(undefined))
                    },
                  }))(opened),
                )
              },
              error: rethrow,
            }),
          ),
      },
      { priorities: only(3) },
    )
    const subscription = session.state$.subscribe({ error: rethrow })
    world.clock.advanceBy(1_000)
    session.send({ _tag: 'SetPriorities', priorities: only(3, 4) })
    session.send({ _tag: 'SetPriorities', priorities: metainfo.files.map(() => 4) })
    expect(told).toEqual(['000100', 'hash', '000110', '111111'])
    subscription.unsubscribe()
  })
})
