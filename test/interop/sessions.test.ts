import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, type TestContext } from 'vitest'
import { aria2 } from './support/clients/aria2.js'
import type { Client, Job } from './support/clients/client.js'
import { controlledSession } from './support/clients/controlled.js'
import { libtorrent } from './support/clients/libtorrent.js'
import { rxtorrentCommand, UNDISCOVERED } from './support/clients/rxtorrent.js'
import { transmission } from './support/clients/transmission.js'
import { loopback, twoHosts } from './support/hosts.js'
import { jsonEvents, untilEvent } from './support/jsonEvents.js'
import { openLab } from './support/lab.js'
import type { Payload } from './support/payload.js'
import { describeTransfer } from './support/transfer.js'
import { rxtorrent } from './support/clients/rxtorrent.js'
import { untilExit, type RunningProcess } from './support/runProcess.js'
import { KiB, makeTrackedSwarm, MiB, type TrackedSwarm } from './support/swarm.js'

const pieceLength = 256 * KiB

/** Enough for some seconds at the limits below, in files that share pieces. */
const payload: Payload = {
  'a.bin': 5 * MiB + 100,
  'b/skipped.bin': 3 * MiB + 7,
  'b/small.txt': 900,
  'c.bin': 4 * MiB - 1,
}
const total = Object.values(payload).reduce((sum, length) => sum + length, 0)

interface Scene {
  readonly swarm: TrackedSwarm
  readonly job: Job
}

/** A seeder that is not ours and its tracker, and a place for ours to download to. */
const setScene = async (test: TestContext, seeder: Client): Promise<Scene> => {
  const lab = openLab(test)
  const isApart = seeder.needs.includes('root with network namespaces')
  const [seederHost, ourHost] = isApart ? twoHosts(lab) : [loopback, loopback]
  const swarm = await makeTrackedSwarm(lab, seederHost, { payload, pieceLength })
  await seeder.seed({ lab, host: seederHost, torrent: swarm.torrent, folder: swarm.complete })
  await swarm.tracker.untilSeeders(1)
  return { swarm, job: { lab, host: ourHost, torrent: swarm.torrent, folder: swarm.folder('download') } }
}

/** `rxtorrent download` with options. */
const download = ({ lab, host, torrent, folder }: Job, ...options: ReadonlyArray<string>): RunningProcess =>
  lab.run({
    label: 'rxtorrent download',
    argv: host.at([
      ...rxtorrentCommand(),
      'download',
      torrent,
      '-o',
      folder,
      '--json',
      ...UNDISCOVERED,
      ...options,
    ]),
  })

const numberIn = (event: { readonly [field: string]: unknown }, field: string): number => Number(event[field])

const phasesOf = (process: RunningProcess): ReadonlySet<unknown> =>
  new Set(
    jsonEvents(process)
      .filter(({ event }) => event === 'progress')
      .map(({ phase }) => phase),
  )

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

for (const seeder of [libtorrent, aria2, transmission]) {
  describeTransfer(seeder, rxtorrent, () => {
    it('selection: files that are not wanted are neither asked for nor made', async (test) => {
      const { swarm, job } = await setScene(test, seeder)
      const process = download(job, '--select', 'a.bin,b/small.txt')
      const complete = await untilEvent(process, 'complete')
      expect((await untilExit(process)).code).toBe(0)
      const root = join(job.folder, swarm.name)
      const original = join(swarm.complete, swarm.name)
      for (const file of ['a.bin', 'b/small.txt']) {
        expect(readFileSync(join(root, file)).equals(readFileSync(join(original, file)))).toBe(true)
      }
      expect(existsSync(join(root, 'c.bin'))).toBe(false)
      expect(readdirSync(join(root, 'b'))).toEqual(['small.txt'])
      // Whole pieces of what is wanted: at most two too many for each of the two files.
      expect(numberIn(complete, 'downloaded')).toBeLessThan(5 * MiB + 1_000 + 4 * pieceLength)

      // What was left out comes later, with the same folder; what is there is not fetched again.
      const rest = download(job)
      const whole = await untilEvent(rest, 'complete')
      expect((await untilExit(rest)).code).toBe(0)
      swarm.expectSame(job.folder)
      expect(numberIn(whole, 'downloaded')).toBeLessThan(total - 5 * MiB + 2 * pieceLength)
    })

    it('limits: a download takes the time that its limit gives it', async (test) => {
      const { swarm, job } = await setScene(test, seeder)
      const start = performance.now()
      const process = download(job, '--down', '3M')
      await untilEvent(process, 'complete')
      const seconds = (performance.now() - start) / 1000
      await untilExit(process)
      swarm.expectSame(job.folder)
      // Half a second's burst, and what a late tick is made up for.
      expect(seconds).toBeGreaterThan((total - 3 * MiB) / (3 * MiB))
    })

    it('pause: no byte moves until it is told to go on', async (test) => {
      const { swarm, job } = await setScene(test, seeder)
      const session = await controlledSession(job)
      session.send({ _tag: 'SetLimits', scope: 'session', down: 3 * MiB, up: 1e12 })
      await session.untilState('under way', (state) => numberIn(state, 'haveBytes') > MiB)
      session.send({ _tag: 'SetDesired', desired: 'paused' })
      const paused = await session.untilState('paused', (state) => state['phase'] === 'paused')
      await pause(1_500)
      const later = jsonEvents(session.process).findLast(({ event }) => event === 'state')
      expect(later).toMatchObject({ phase: 'paused', downloaded: paused['downloaded'] })

      session.send({ _tag: 'SetDesired', desired: 'running' })
      await session.untilState('complete', (state) => state['isComplete'] === true)
      swarm.expectSame(job.folder)
      session.send({ _tag: 'Stop' })
      expect((await untilExit(session.process)).code).toBe(0)
    })

    it('resume: the same command goes on without hashing what the last one vouches for', async (test) => {
      const { swarm, job } = await setScene(test, seeder)
      const first = download(job, '--down', '3M')
      await untilEvent(first, 'progress', (event) => numberIn(event, 'haveBytes') > total / 3)
      first.signal('SIGINT')
      expect(await untilExit(first)).toEqual({ code: 130, signal: null })

      const second = download(job)
      const complete = await untilEvent(second, 'complete')
      expect((await untilExit(second)).code).toBe(0)
      expect(phasesOf(second)).not.toContain('checking')
      expect(numberIn(complete, 'downloaded')).toBeLessThan((total * 3) / 4)
      swarm.expectSame(job.folder)

      // Told to, it hashes all the same.
      const third = download(job, '--recheck')
      await untilEvent(third, 'checked')
      expect((await untilExit(third)).code).toBe(0)
      expect(phasesOf(third)).toContain('checking')
    })
  })
}
