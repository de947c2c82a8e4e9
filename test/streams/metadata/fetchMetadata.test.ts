import { ignoreElements, merge, of, tap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { magnetOf } from '../../../src/codecs/magnet.js'
import type { MetadataState } from '../../../src/operators/metadata/state.js'
import type { PeerSource } from '../../../src/operators/peer/source.js'
import { fetchMetadata } from '../../../src/streams/metadata/fetchMetadata.js'
import { createVirtualWorld } from '../../../src/streams/virtual/world.js'
import { makeTorrent } from '../../support/makeTorrent.js'
import { giving, metadataPeer } from '../../support/metadataPeer.js'
import { rethrow } from '../../support/rethrow.js'

const { metainfo } = makeTorrent({ pieceLength: 16_384, files: 40_000, isPrivate: true })
const { info } = metainfo
const infohash = O.getOrElse((): Uint8Array => new Uint8Array(0))(metainfo.infohash.v1)
const magnet = magnetOf(metainfo)
const setup = (host = '10.0.1.0') => {
  const world = createVirtualWorld({ seed: 1, network: { latencyMs: 20 } })
  const peer = metadataPeer(world, { infohash, host, size: info.length, answer: giving(info) })
  return { world, peer, deps: world.host('10.0.0.1').deps }
}

describe('fetchMetadata', () => {
  it('is cold, and each subscription is a search of its own', () => {
    const { world, peer, deps } = setup()
    const state$ = fetchMetadata(magnet, deps, { peers: [peer.address] })
    world.clock.advanceBy(1_000)
    expect(peer.connections()).toBe(0)
    const ends: string[] = []
    for (let i = 1; i <= 2; i++) {
      let last: MetadataState | undefined
      state$.subscribe({
        next: (state) => (last = state),
        error: rethrow,
        complete: () => ends.push(last?._tag ?? 'nothing'),
      })
      world.clock.advanceBy(2_000)
      expect(peer.connections()).toBe(i)
    }
    expect(ends).toEqual(['Fetched', 'Fetched'])
    peer.subscription.unsubscribe()
  })

  it('lets go of everything when it is unsubscribed, at any time', () => {
    for (let ms = 0; ms < 200; ms += 5) {
      const { world, peer, deps } = setup()
      const link = { ...magnet, trackers: ['http://tracker.test/announce'] }
      const search = fetchMetadata(link, deps, { peers: [peer.address] }).subscribe({ error: rethrow })
      world.clock.advanceBy(ms)
      search.unsubscribe()
      peer.subscription.unsubscribe()
      world.clock.advanceBy(1_000)
      expect(world.clock.pending(), `after ${String(ms)} ms`).toBe(0)
      expect(world.network.openSockets()).toBe(0)
    }
  })

  it('tells its first state at once', () => {
    const { deps, peer } = setup()
    const states: MetadataState[] = []
    fetchMetadata(magnet, deps)
      .subscribe({ next: (state) => states.push(state), error: rethrow })
      .unsubscribe()
    expect(states[0]).toMatchObject({ _tag: 'Fetching', progress: { size: O.none, haveBytes: 0 } })
    peer.subscription.unsubscribe()
  })

  it('tells sources of the torrent, the port and whether peers are wanted', () => {
    const { world, peer, deps } = setup()
    const heard: unknown[] = []
    const source: PeerSource = {
      name: 'dht',
      isPublic: true,
      find: ({ infohash: hash, port$, wantsPeers$ }) => {
        heard.push(hash)
        port$.subscribe((port) => heard.push(port))
        const wanted$ = wantsPeers$.pipe(
          tap((wants) => heard.push(wants)),
          ignoreElements(),
        )
        return merge(wanted$, of([peer.address]))
      },
    }
    let last: MetadataState | undefined
    fetchMetadata(magnet, deps, { port: 7_001, sources: [source] }).subscribe({
      next: (state) => (last = state),
      error: rethrow,
    })
    world.clock.advanceBy(3_000)
    expect(heard).toEqual([infohash, true, 7_001])
    expect(last?._tag).toBe('Fetched')
    peer.subscription.unsubscribe()
  })

  it('hands on of a private torrent only peers that trackers or the user named (BEP 27)', () => {
    const { world, peer, deps } = setup()
    const named = { host: '10.9.9.9', port: 1 }
    const source: PeerSource = { name: 'dht', isPublic: true, find: () => of([peer.address]) }
    let last: MetadataState | undefined
    fetchMetadata(magnet, deps, { peers: [named], sources: [source] }).subscribe({
      next: (state) => (last = state),
      error: rethrow,
    })
    world.clock.advanceBy(10_000)
    expect(last).toMatchObject({ _tag: 'Fetched', peers: [named] })
    peer.subscription.unsubscribe()
  })

  it('throws at a port that is none', () => {
    const { deps, peer } = setup()
    expect(() => fetchMetadata(magnet, deps, { port: 70_000 })).toThrow(TypeError)
    peer.subscription.unsubscribe()
  })
})
