/**
 * Seeding for those who need a seed: peers that have just begun have nothing to trade, peers that are half way can
 * trade with each other. `antiLeech` serves the first before the second; round robin serves all alike.
 *
 * Runs in virtual time: one seed, eight peers that have half, four that have nothing. What it
 * prints is which share of the seed's bytes the four got in the first 40 seconds.
 */
import {
  antiLeech,
  bySeeding,
  defaultPolicies,
  fixedSlots,
  roundRobin,
  type ChokePolicy,
  type SessionOptions,
} from 'rxtorrent'
import { createSwarm } from 'rxtorrent/testing'
import { virtualTorrent } from './support/virtualTorrent.js'

const pieceCount = 192
const halfWay = 8
const newcomers = 4
const isNewcomer = (member: number): boolean => member > halfWay

const shareOfNewcomers = (seeding: ChokePolicy): number => {
  const { metainfo, content } = virtualTorrent(pieceCount, 65_536)
  // Four slots, lest the uplink be cut into crumbs.
  const choke = fixedSlots(4, bySeeding({ downloading: defaultPolicies.choke, seeding }))
  const swarm = createSwarm({
    seed: 1,
    metainfo,
    content,
    seeds: 1,
    leechers: halfWay + newcomers,
    network: { latencyMs: 20, link: { up: 5_000, down: 4_000_000 } },
    host: (member) => (member === 0 ? { link: { up: 400_000, down: 4_000_000 } } : {}),
    contentOf: (member) =>
      member === 0 || isNewcomer(member) ? undefined : content.subarray(0, content.length / 2),
    options: (member): SessionOptions => (member === 0 ? { policies: { choke } } : {}),
  })
  swarm.world.clock.advanceBy(40_000)
  const { peers, totals } = swarm.members[0]!.state()!
  const hosts = new Set(
    swarm.members.filter((_, member) => isNewcomer(member)).map(({ host }) => host.address),
  )
  const given = peers.filter(({ host }) => hosts.has(host)).reduce((sum, { uploaded }) => sum + uploaded, 0)
  swarm.end()
  return given / totals.uploaded
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`

/** Turns of a single round, so that 40 seconds show them all. */
const fair = shareOfNewcomers(roundRobin({ turnMs: 9_000, turnBytes: Infinity }))
const anti = shareOfNewcomers(antiLeech)
console.log(`round robin: ${percent(fair)} went to those who had nothing`)
console.log(`anti-leech:  ${percent(anti)}`)

if (anti < 0.85 || fair > 0.5) throw new Error('the policy did not serve those who need it')
