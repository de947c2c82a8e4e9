import { expect, it } from 'vitest'
import { aria2 } from './support/clients/aria2.js'
import { controlledSession } from './support/clients/controlled.js'
import { libtorrent } from './support/clients/libtorrent.js'
import { rxtorrent } from './support/clients/rxtorrent.js'
import { transmission } from './support/clients/transmission.js'
import { dhtSeeders, transferByDht } from './support/dhtSwarm.js'
import { hostPort, threeHosts, twoHosts } from './support/hosts.js'
import { jsonEvents } from './support/jsonEvents.js'
import { openLab } from './support/lab.js'
import { describeWith } from './support/requirements.js'
import { KiB, makeSwarm } from './support/swarm.js'

// Pieces of 16 KiB: the metadata has several pieces of its own.
const spec = { pieceLength: 16 * KiB }
const options = ['--no-trackers']
const clients = [libtorrent, aria2, transmission]

/** A link that says what is wanted, and nothing of where it is. */
const linkTo = ({ infohash }: { readonly infohash: string }): string => `magnet:?xt=urn:btih:${infohash}`

for (const seeder of dhtSeeders) {
  describeWith(seeder.needs, 'a magnet link alone, by the DHT', () => {
    it(`leads to ${seeder.name} as the seeder`, async (test) => {
      await transferByDht(test, seeder, linkTo)
    })
  })
}

for (const seeder of clients) {
  describeWith(['root with network namespaces', ...seeder.needs], 'a magnet link alone, by LSD', () => {
    it(`leads to ${seeder.name} as the seeder`, async (test) => {
      const lab = openLab(test)
      const [theirs, ours] = twoHosts(lab)
      const swarm = makeSwarm(lab, spec)
      const { torrent, complete, folder, expectSame } = swarm
      await seeder.seed({ lab, host: theirs, torrent, folder: complete, isLsd: true })
      const download = folder('download')
      const job = { lab, host: ours, torrent: linkTo(swarm), folder: download, isLsd: true, options }
      await (await rxtorrent.download(job)).completed()
      expectSame(download)
    })
  })
}

for (const seeder of clients) {
  describeWith(['root with network namespaces', ...seeder.needs], 'a magnet link alone, by PEX', () => {
    it(`leads to ${seeder.name} as the seeder`, async (test) => {
      const lab = openLab(test)
      const [theirs, between, ours] = threeHosts(lab)
      const swarm = makeSwarm(lab, spec)
      const { torrent, complete, folder, expectSame } = swarm
      // It is not to come to us: we are to come to it.
      const seeding = await seeder.seed({ lab, host: theirs, torrent, folder: complete, usesPex: false })
      // It has the metadata and no data, takes none, and talks.
      const relay = await controlledSession({ lab, host: between, torrent, folder: folder('relay') })
      relay.send({ _tag: 'SetLimits', scope: 'session', down: 0, up: 0 })
      relay.send({ _tag: 'AddPeers', peers: [{ host: theirs.address, port: seeding.port }] })
      const download = folder('download')
      const link = `${linkTo(swarm)}&x.pe=${hostPort(between.address, relay.port)}`
      const { process, completed } = await rxtorrent.download({
        ...{ lab, host: ours, torrent: link, folder: download, options },
      })
      await completed()
      expectSame(download)
      expect(jsonEvents(process)).toContainEqual({
        event: 'peerConnected',
        host: theirs.address,
        port: seeding.port,
        direction: 'outgoing',
      })
    })
  })
}
