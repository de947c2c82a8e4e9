/**
 * A choke policy of one's own: a seed that serves one friend before anybody else.
 *
 * Runs in virtual time: one slow seed, one friend and eleven strangers, once with the default policy and once with
 * ours. What it prints is how long the friend took.
 */
import { defaultPolicies, type ChokePolicy, type SessionOptions } from 'rxtorrent'
import { createSwarm } from 'rxtorrent/testing'
import { virtualTorrent } from './support/virtualTorrent.js'

/** The peer that has waited longest is unchoked alone until it has all; the keys of peers count up as they come. */
const oneAtATime: ChokePolicy = ({ peers }) => {
  const waiting = peers.filter((peer) => peer.peerInterested).map((peer) => peer.key)
  return waiting.length === 0 ? new Set() : new Set([Math.min(...waiting)])
}

const friend = 1

const secondsFor = (choke: ChokePolicy): number => {
  const { metainfo, content } = virtualTorrent(64, 65_536)
  const swarm = createSwarm({
    seed: 3,
    metainfo,
    content,
    seeds: 1,
    leechers: 12,
    network: { latencyMs: 20, link: { up: 400_000, down: 4_000_000 } },
    options: (member): SessionOptions => (member === 0 ? { policies: { choke } } : {}),
  })
  swarm.runUntilComplete(30 * 60_000)
  const done = swarm.members[friend]!.notices.find((notice) => notice._tag === 'Completed')
  swarm.end()
  if (done === undefined) throw new Error('the friend did not complete')
  return done.at / 1000
}

const shared = secondsFor(defaultPolicies.choke)
const favoured = secondsFor(oneAtATime)
console.log(`default policy: the friend has everything after ${shared.toFixed(1)} s`)
console.log(`one at a time:  the friend has everything after ${favoured.toFixed(1)} s`)

if (favoured >= shared) throw new Error('the policy did not help')
