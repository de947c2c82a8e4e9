import { expect, it, type TestContext } from 'vitest'
import type { Job, RunningClient } from './support/clients/client.js'
import { libtorrentSeeder, uploadedBy } from './support/clients/libtorrent.js'
import { rxtorrent } from './support/clients/rxtorrent.js'
import { loopback } from './support/hosts.js'
import { openLab } from './support/lab.js'
import { startLoggingTracker, type LoggingTracker } from './support/loggingTracker.js'
import { mixedPayload, totalSize } from './support/payload.js'
import { describeWith } from './support/requirements.js'
import { untilExit } from './support/runProcess.js'
import { makeSwarm, MiB, type Swarm } from './support/swarm.js'
import { until } from './support/until.js'

interface Scene {
  readonly swarm: Swarm
  readonly tracker: LoggingTracker
  readonly job: Job
  readonly seeder: RunningClient
  /** The seeder again, where it was. */
  readonly restartSeeder: (uploadLimit?: number) => Promise<RunningClient>
}

const total = totalSize(mixedPayload)

// slow enough that a download can be interrupted: some five seconds
const uploadLimit = 2 * MiB

const setScene = async (test: TestContext): Promise<Scene> => {
  const lab = openLab(test)
  const tracker = await startLoggingTracker(lab)
  const swarm = makeSwarm(lab, { announce: tracker.announceUrl })
  const job: Job = { lab, host: loopback, torrent: swarm.torrent, folder: swarm.folder('download') }
  const seed: Job = { ...job, folder: swarm.complete }
  const seeder = await libtorrentSeeder(seed, uploadLimit)
  await tracker.untilEvent('started')
  const restartSeeder = (limit = 0): Promise<RunningClient> =>
    libtorrentSeeder({ ...seed, port: seeder.port }, limit)
  return { swarm, tracker, job, seeder, restartSeeder }
}

const untilUploaded = (seeder: RunningClient, bytes: number): Promise<true> =>
  until(() => uploadedBy(seeder.process) >= bytes, { what: `${String(bytes)} bytes sent by the seeder` })

const millisecondsOf = async (act: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await act()
  return performance.now() - start
}

describeWith(['libtorrent'], 'Ctrl-C', () => {
  it('ends a download with 130 after saying so to the tracker; the same command goes on from there', async (test) => {
    const { swarm, tracker, job, seeder } = await setScene(test)
    const first = await rxtorrent.download(job)
    await untilUploaded(seeder, total / 3)

    const took = await millisecondsOf(async () => {
      first.process.signal('SIGINT')
      expect(await untilExit(first.process)).toEqual({ code: 130, signal: null })
    })
    expect(took).toBeLessThan(5_000)
    const { port } = await tracker.untilEvent('stopped')
    expect(port).toBe(first.port)

    const second = await rxtorrent.download(job)
    await second.completed()
    swarm.expectSame(job.folder)
    // the seeder's start is the first
    const again = await tracker.untilEvent('started', 3)
    expect(again.left).toBeLessThan(total)
  })

  it('twice leaves at once, whatever the tracker does', async (test) => {
    const { tracker, job, seeder } = await setScene(test)
    tracker.ignore('stopped')
    const { process } = await rxtorrent.download(job)
    await untilUploaded(seeder, total / 10)
    process.signal('SIGINT')
    await tracker.untilEvent('stopped')

    const took = await millisecondsOf(async () => {
      process.signal('SIGINT')
      const { code, signal } = await untilExit(process)
      // To a shell, dying of the signal is 130 too.
      expect(signal === 'SIGINT' ? 130 : code).toBe(130)
    })
    expect(took).toBeLessThan(2_000)
  })

  it('once leaves soon even if the tracker never answers', async (test) => {
    const { tracker, job, seeder } = await setScene(test)
    tracker.ignore('stopped')
    const { process } = await rxtorrent.download(job)
    await untilUploaded(seeder, total / 10)
    const took = await millisecondsOf(async () => {
      process.signal('SIGINT')
      expect(await untilExit(process)).toEqual({ code: 130, signal: null })
    })
    expect(took).toBeLessThan(7_000)
  })
})

describeWith(['libtorrent'], 'the only seeder', () => {
  it('is killed and comes back: the download completes', async (test) => {
    const { swarm, job, seeder, restartSeeder } = await setScene(test)
    const { completed, process } = await rxtorrent.download(job)
    await untilUploaded(seeder, total / 3)
    seeder.process.signal('SIGKILL')
    await untilExit(seeder.process)
    expect(process.ended()).toBeUndefined()
    await restartSeeder()
    await completed()
    swarm.expectSame(job.folder)
  })
})
