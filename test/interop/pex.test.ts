import { expect, it, type TestContext } from 'vitest'
import { aria2 } from './support/clients/aria2.js'
import type { Client, RunningClient } from './support/clients/client.js'
import { controlledSession, type ControlledSession } from './support/clients/controlled.js'
import { libtorrent, libtorrentSeeder, uploadedBy } from './support/clients/libtorrent.js'
import { transmission } from './support/clients/transmission.js'
import { hostPort, loopback, twoHosts } from './support/hosts.js'
import { untilEvent } from './support/jsonEvents.js'
import { openLab } from './support/lab.js'
import { describeWith } from './support/requirements.js'
import { KiB, makeSwarm, MiB, type Swarm } from './support/swarm.js'

/** Nobody knows a tracker: who learns of whom, learns it from a peer. */
interface Scene {
  readonly swarm: Swarm
  /** Has all; told of nobody, unless by `seederKnows`. */
  readonly seeder: RunningClient
  readonly client: RunningClient
  readonly ours: ControlledSession
  readonly folder: string
  /** Tells our session of one of them. */
  readonly oursMeets: (who: RunningClient) => void
}

const setScene = async (
  test: TestContext,
  client: Client,
  seederKnows: 'client' | 'nobody',
): Promise<Scene> => {
  const lab = openLab(test)
  const isApart = client.needs.includes('root with network namespaces')
  const [clientHost, ourHost] = isApart ? twoHosts(lab) : [loopback, loopback]
  const swarm = makeSwarm(lab, { payload: { 'a.bin': 6 * MiB, 'b.bin': 100_000 }, pieceLength: 64 * KiB })
  const { torrent } = swarm
  const folder = swarm.folder('theirs')
  const running = await client.download({ lab, host: clientHost, torrent, folder, usesPex: true })
  const peers = seederKnows === 'client' ? [hostPort(clientHost.address, running.port)] : []
  const seeder = await libtorrentSeeder(
    { lab, host: ourHost, torrent, folder: swarm.complete, peers },
    // So slow that they have time to talk.
    seederKnows === 'client' ? 150 * KiB : 0,
  )
  const ours = await controlledSession({ lab, host: ourHost, torrent, folder: swarm.folder('ours') })
  return {
    swarm,
    seeder,
    client: running,
    ours,
    folder,
    oursMeets: (who) => {
      const { address } = who === running ? clientHost : ourHost
      ours.send({ _tag: 'AddPeers', peers: [{ host: address, port: who.port }] })
    },
  }
}

/** Our session is connected to whoever listens there. */
const untilConnected = async ({ ours }: Scene, to: RunningClient): Promise<void> => {
  await untilEvent(ours.process, 'notice', ({ notice }) => {
    const { _tag, port } = notice as { readonly _tag: string; readonly port?: number }
    return _tag === 'PeerConnected' && port === to.port
  })
}

for (const client of [libtorrent, aria2, transmission]) {
  describeWith(['libtorrent', ...client.needs], `peer exchange with ${client.name}`, () => {
    it('it learns from us who has the data', async (test) => {
      const scene = await setScene(test, client, 'nobody')
      // It shall have nothing from ours.
      scene.ours.send({ _tag: 'SetLimits', scope: 'session', down: 0, up: 0 })
      scene.oursMeets(scene.seeder)
      scene.oursMeets(scene.client)
      await scene.client.completed()
      scene.swarm.expectSame(scene.folder)
      expect(uploadedBy(scene.seeder.process)).toBeGreaterThan(6 * MiB)
    })

    it('we learn from it who has the data', async (test) => {
      const scene = await setScene(test, client, 'client')
      scene.oursMeets(scene.client)
      await untilConnected(scene, scene.seeder)
      await scene.ours.untilState('complete', (state) => state['isComplete'] === true)
    })
  })
}
