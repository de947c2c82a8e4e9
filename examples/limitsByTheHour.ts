/**
 * Limits that change by themselves: a timetable (`schedule`), and a stream of one's own (`feedback`).
 *
 * Runs in virtual time: a peer downloads from a seed. First the timetable says that the office opens at two minutes past
 * midnight; then a stream tells how long the packets of a call take, and the download yields to it. What it prints is
 * how many bytes a second came through.
 */
import { interval, map } from 'rxjs'
import { feedback, schedule, type StreamPolicy } from 'rxtorrent'
import { createSwarm, type Swarm } from 'rxtorrent/testing'
import { virtualTorrent } from './support/virtualTorrent.js'

const swarmWith = (policy: StreamPolicy): Swarm => {
  const { metainfo, content } = virtualTorrent(512, 65_536)
  return createSwarm({
    seed: 1,
    metainfo,
    content,
    seeds: 1,
    leechers: 1,
    network: { latencyMs: 20, link: { up: 200_000, down: 4_000_000 } },
    options: (member) => (member === 0 ? {} : { streamPolicies: [policy] }),
  })
}

/** Bytes per second of payload over the next so many seconds. */
const rateOver = (swarm: Swarm, seconds: number): number => {
  const downloaded = (): number => swarm.members[1]!.state()?.totals.downloaded ?? 0
  const before = downloaded()
  swarm.world.clock.advanceBy(seconds * 1_000)
  return (downloaded() - before) / seconds
}

const show = (what: string, rate: number): void => {
  console.log(`${what.padEnd(28)} ${(rate / 1_000).toFixed(0).padStart(4)} kB/s`)
}
const expectAbout = (rate: number, wanted: number): void => {
  if (Math.abs(rate / wanted - 1) > 0.1) throw new Error(`${String(rate)} is not about ${String(wanted)}`)
}

// In a program: `time: () => weekTimeOf(new Date())`.
const office = swarmWith((context) =>
  schedule({
    windows: [{ from: 2, to: 3, limits: { down: 50_000, up: Infinity } }],
    time: () => ({ day: 1, minute: Math.floor(context.clock.now() / 60_000) }),
  })(context),
)
office.world.clock.advanceTo(20_000)
const early = rateOver(office, 20)
office.world.clock.advanceTo(140_000)
show('before the office opens:', early)
const open = rateOver(office, 30)
show('while it is open:', open)
office.end()

// Packets of a call take 200 ms from the tenth second on, and 20 ms again from the fortieth.
const call = swarmWith((context) =>
  feedback(
    interval(1_000, context.clock).pipe(map((second) => (second >= 10 && second < 40 ? 200 : 20))),
    (ms, { down }) => ({ down: ms > 100 ? 20_000 : Math.min(150_000, down + 5_000), up: Infinity }),
    { down: 150_000, up: Infinity },
  )(context),
)
call.world.clock.advanceTo(15_000)
const yielding = rateOver(call, 20)
show('while packets are late:', yielding)
call.world.clock.advanceTo(75_000)
const freed = rateOver(call, 10)
show('when they are not any more:', freed)
call.end()

expectAbout(open, 50_000)
expectAbout(yielding, 20_000)
if (early < 150_000) throw new Error('the timetable held back what it should not')
if (freed < 130_000) throw new Error('the limit did not rise again')
