import { describe, expect, it } from 'vitest'
import { createLsd } from '../../../src/streams/lsd/lsd.js'
import { lsdSource } from '../../../src/streams/lsd/lsdSource.js'
import { createVirtualClock } from '../../../src/streams/virtual/clock.js'
import { createVirtualDatagrams } from '../../../src/streams/virtual/datagrams.js'
import { createVirtualRandom } from '../../../src/streams/virtual/random.js'
import { createSwarm } from '../../../src/streams/virtual/swarm.js'
import { makeTorrent } from '../../support/makeTorrent.js'

/** Datagrams that a minute of a session with local discovery comes to. */
const datagramsOf = (isPrivate: boolean): number => {
  const clock = createVirtualClock()
  const datagrams = createVirtualDatagrams({ clock, seed: 1 })
  let count = 0
  datagrams.sent$.subscribe({ next: () => (count += 1), error: expect.unreachable })
  const lsd = createLsd({
    clock,
    datagrams: datagrams.host(['10.0.0.1', 'fd00::1']),
    random: createVirtualRandom(1),
  })
  const torrent = makeTorrent({
    pieceLength: 16_384,
    files: 20_000,
    isPrivate,
    trackers: ['http://a.test/announce'],
  })
  const swarm = createSwarm({
    seed: 1,
    metainfo: torrent.metainfo,
    content: torrent.content,
    seeds: 1,
    leechers: 0,
    options: () => ({ sources: [lsdSource(lsd)] }),
  })
  for (let second = 0; second < 60; second++) {
    swarm.world.clock.advanceBy(1_000)
    clock.advanceBy(1_000)
  }
  swarm.end()
  clock.advanceBy(1_000)
  expect(datagrams.openPorts()).toBe(0)
  return count
}

describe('lsdSource', () => {
  it('announces a public torrent over both families while its session runs', () => {
    expect(datagramsOf(false)).toBe(2)
  })

  it('sends nothing at all about a private torrent', () => {
    expect(datagramsOf(true)).toBe(0)
  })
})
