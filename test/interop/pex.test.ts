import { expect, it, type TestContext } from 'vitest'
import { aria2 } from './support/clients/aria2.js'
import type { Client, RunningClient } from './support/clients/client.js'
import { controlledSession, type ControlledSession } from './support/clients/controlled.js'
import { libtorrent, libtorrentSeeder, uploadedBy } from './support/clients/libtorrent.js'
import { transmission } from './support/clients/transmission.js'
import { threeHosts } from './support/hosts.js'
import { untilEvent } from './support/jsonEvents.js'
import { openLab } from './support/lab.js'
import { describeWith } from './support/requirements.js'
import { untilExit, whileRunning } from './support/runProcess.js'
import { KiB, makeSwarm, MiB, type Swarm } from './support/swarm.js'
import { until } from './support/until.js'

/** There is no tracker: who learns of whom, learns it from a peer. The client and the seeder know nobody. */
interface Scene {
  readonly swarm: Swarm
  readonly seeder: RunningClient
  readonly client: RunningClient
  /** Where the client downloads to. */
  readonly folder: string
  /** A session of ours that is told of these. It is here to talk, not to take. */
  readonly startOurs: (folder: string, ...peers: ReadonlyArray<RunningClient>) => Promise<ControlledSession>
}

const setScene = async (test: TestContext, client: Client, uploadLimit = 0): Promise<Scene> => {
  const lab = openLab(test)
  // Each has one of its own: transmission knows peers by their address alone, and aria2 tells nobody of his own.
  const [clientHost, seederHost, ourHost] = threeHosts(lab)
  const swarm = makeSwarm(lab, { payload: { 'a.bin': 6 * MiB, 'b.bin': 100_000 }, pieceLength: 64 * KiB })
  const job = { lab, torrent: swarm.torrent }
  const folder = swarm.folder('theirs')
  const running = await client.download({ ...job, host: clientHost, folder, usesPex: true })
  // It goes to nobody by itself: others are to come to it.
  const seederJob = { ...job, host: seederHost, folder: swarm.complete, usesPex: false }
  const seeder = await libtorrentSeeder(seederJob, uploadLimit)
  return {
    swarm,
    seeder,
    client: running,
    folder,
    startOurs: async (name, ...peers) => {
      const ours = await controlledSession({ ...job, host: ourHost, folder: swarm.folder(name) })
      ours.send({ _tag: 'SetLimits', scope: 'session', down: 0, up: 0 })
      const addresses = peers.map((peer) => ({
        host: (peer === running ? clientHost : seederHost).address,
        port: peer.port,
      }))
      ours.send({ _tag: 'AddPeers', peers: addresses })
      return ours
    },
  }
}

for (const client of [libtorrent, aria2, transmission]) {
  const needs = ['libtorrent', 'root with network namespaces', ...client.needs] as const
  describeWith(needs, `peer exchange with ${client.name}`, () => {
    it('it learns from us who has the data', async (test) => {
      const scene = await setScene(test, client)
      await scene.startOurs('ours', scene.seeder, scene.client)
      await scene.client.completed()
      scene.swarm.expectSame(scene.folder)
      // It counts once a second.
      await until(() => uploadedBy(scene.seeder.process) > 6 * MiB, { what: 'all of it from the seeder' })
    })

    it('we learn from it who has the data', async (test) => {
      const scene = await setScene(test, client, 40 * KiB)
      const first = await scene.startOurs('first', scene.seeder, scene.client)
      await until(() => uploadedBy(scene.seeder.process) > 0, {
        what: `${client.name} at the seeder`,
        seconds: 100,
        hopeless: whileRunning(scene.client.process),
      })
      first.send({ _tag: 'Stop' })
      await untilExit(first.process)
      const second = await scene.startOurs('second', scene.client)
      const met = await untilEvent(second.process, 'notice', ({ notice }) => {
        const { _tag, port } = notice as { readonly _tag: string; readonly port?: number }
        return _tag === 'PeerConnected' && port === scene.seeder.port
      })
      expect(met['notice']).toMatchObject({ direction: 'outgoing' })
    })
  })
}
