import { it } from 'vitest'
import { aria2ByDht } from './support/clients/aria2.js'
import { transmissionByDht } from './support/clients/transmission.js'
import { dhtNetwork, downloadByDht } from './support/dhtSwarm.js'
import { loopback, twoHosts } from './support/hosts.js'
import { openLab } from './support/lab.js'
import { libtorrentDht } from './support/libtorrentDht.js'
import { describeWith } from './support/requirements.js'
import { makeSwarm } from './support/swarm.js'

describeWith(['libtorrent'], 'a torrent without trackers, found by the DHT alone', () => {
  it('comes from a libtorrent seeder', async (test) => {
    const lab = openLab(test)
    const swarm = makeSwarm(lab)
    const nodes = await dhtNetwork(lab, loopback)
    const torrent = { role: 'seed', path: swarm.torrent, folder: swarm.complete } as const
    await libtorrentDht(lab, { addresses: ['127.0.0.1'], bootstrap: nodes.slice(0, 3), torrent })
    await downloadByDht(lab, loopback, swarm, nodes.slice(-2))
  })
})

describeWith(['aria2', 'libtorrent'], 'a torrent without trackers, found by the DHT alone', () => {
  it('comes from an aria2 seeder', async (test) => {
    const lab = openLab(test)
    const swarm = makeSwarm(lab)
    const nodes = await dhtNetwork(lab, loopback)
    const job = { lab, host: loopback, torrent: swarm.torrent, folder: swarm.complete }
    await aria2ByDht(job, nodes[0]!)
    await downloadByDht(lab, loopback, swarm, nodes.slice(-2))
  })
})

describeWith(
  ['transmission', 'libtorrent', 'root with network namespaces'],
  'a torrent without trackers, found by the DHT alone',
  () => {
    it('comes from a transmission seeder', async (test) => {
      const lab = openLab(test)
      const swarm = makeSwarm(lab)
      const [theirs, ours] = twoHosts(lab)
      const nodes = await dhtNetwork(lab, ours, 16)
      const job = { lab, host: theirs, torrent: swarm.torrent, folder: swarm.complete }
      await transmissionByDht(job, nodes.slice(0, 4))
      await downloadByDht(lab, ours, swarm, nodes.slice(-2))
    })
  },
)
