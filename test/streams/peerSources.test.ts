import { map, NEVER, of, tap, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { toHex } from '../../src/codecs/bytes.js'
import type { PeerAddress } from '../../src/codecs/peerAddress.js'
import type { PeerSource, SwarmView } from '../../src/operators/peer/source.js'
import { createSwarm, type Swarm } from '../../src/streams/virtual/swarm.js'
import type { SessionOptions } from '../../src/streams/sessionOptions.js'
import { makeTorrent } from '../support/makeTorrent.js'

const stranger: PeerAddress = { host: '192.0.2.1', port: 6881 }

const swarmWith = (options: SessionOptions, isPrivate = false): Swarm => {
  const torrent = makeTorrent({
    pieceLength: 16_384,
    files: 200 * 16_384,
    isPrivate,
    trackers: ['http://tracker.test/announce'],
  })
  return createSwarm({
    seed: 3,
    metainfo: torrent.metainfo,
    content: torrent.content,
    seeds: 1,
    leechers: 1,
    network: { latencyMs: 20, link: { up: 100_000, down: 4_000_000 } },
    options: (member) => (member === 1 ? options : {}),
  })
}

const infohashOf = (swarm: Swarm): Uint8Array =>
  O.getOrElse((): Uint8Array => new Uint8Array())(swarm.members[1]!.session.metainfo.infohash.v1)

const finding = (find: PeerSource['find'], isPublic = true): PeerSource => ({ name: 'other', isPublic, find })

describe('a peer source', () => {
  it('makes addresses known under its name, by commands that are in the log', () => {
    const swarm = swarmWith({ sources: [finding(() => of([stranger]))] })
    swarm.world.clock.advanceBy(2_000)
    const { state, log } = swarm.members[1]!
    expect(state()!.candidates).toContainEqual(expect.objectContaining({ ...stranger, source: 'other' }))
    expect(log).toContainEqual(
      expect.objectContaining({
        _tag: 'Command',
        command: { _tag: 'AddPeers', peers: [stranger], source: 'other' },
      }),
    )
    swarm.end()
  })

  it('hears of the torrent and of the port', () => {
    const seen: { infohash: string; port: number }[] = []
    const look = ({ infohash, port$ }: SwarmView): ReturnType<PeerSource['find']> =>
      port$.pipe(
        tap((port) => seen.push({ infohash: toHex(infohash), port })),
        map(() => []),
      )
    const swarm = swarmWith({ sources: [finding(look)] })
    swarm.world.clock.advanceBy(2_000)
    const port = O.toUndefined(swarm.members[1]!.state()!.port)
    expect(seen).toEqual([{ infohash: toHex(infohashOf(swarm)), port }])
    swarm.end()
  })

  it('is told when all is there: no more peers are wanted', () => {
    const wants: boolean[] = []
    const look = ({ wantsPeers$ }: SwarmView): ReturnType<PeerSource['find']> =>
      wantsPeers$.pipe(
        tap((wanted) => wants.push(wanted)),
        map(() => []),
      )
    const swarm = swarmWith({ sources: [finding(look)] })
    swarm.world.clock.advanceBy(120_000)
    expect(swarm.members[1]!.state()!.phase).toBe('seeding')
    expect(wants.at(0)).toBe(true)
    expect(wants.at(-1)).toBe(false)
    swarm.end()
  })

  it('is left when the session pauses, and asked afresh when it goes on', () => {
    let looking = 0
    let looked = 0
    const find: PeerSource['find'] = () => {
      looked++
      looking++
      return NEVER.pipe(tap({ finalize: () => looking-- }))
    }
    const swarm = swarmWith({ sources: [finding(find)] })
    const { session } = swarm.members[1]!
    swarm.world.clock.advanceBy(2_000)
    expect([looking, looked]).toEqual([1, 1])
    session.send({ _tag: 'SetDesired', desired: 'paused' })
    swarm.world.clock.advanceBy(5_000)
    expect([looking, looked]).toEqual([0, 1])
    session.send({ _tag: 'SetDesired', desired: 'running' })
    swarm.world.clock.advanceBy(5_000)
    expect([looking, looked]).toEqual([1, 2])
    swarm.end()
    expect(looking).toBe(0)
  })

  it('that is public never hears of a private torrent; one that is not does', () => {
    let asked = 0
    const find: PeerSource['find'] = () => {
      asked++
      return of([stranger])
    }
    const hidden = swarmWith({ sources: [finding(find)] }, true)
    hidden.world.clock.advanceBy(10_000)
    expect(asked).toBe(0)
    expect(hidden.members[1]!.state()!.candidates).not.toContainEqual(expect.objectContaining(stranger))
    hidden.end()
    const told = swarmWith({ sources: [finding(find, false)] }, true)
    told.world.clock.advanceBy(10_000)
    expect(asked).toBe(1)
    told.end()
  })

  it.each([
    [
      'throws',
      (): never => {
        throw new Error('no such place')
      },
    ],
    ['errors', () => throwError(() => new Error('no such place'))],
  ])('that %s is reported and ended; the others go on', (_, find) => {
    const swarm = swarmWith({ sources: [finding(find), finding(() => of([stranger]))] })
    swarm.world.clock.advanceBy(120_000)
    const { notices, state } = swarm.members[1]!
    expect(notices).toContainEqual(
      expect.objectContaining({ _tag: 'PolicyFailed', policy: 'source', message: 'no such place' }),
    )
    expect(state()!.candidates).toContainEqual(expect.objectContaining(stranger))
    expect(state()!.phase).toBe('seeding')
    swarm.end()
  })
})
