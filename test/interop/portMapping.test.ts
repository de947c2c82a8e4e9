import { expect, it } from 'vitest'
import { libtorrent } from './support/clients/libtorrent.js'
import { rxtorrent } from './support/clients/rxtorrent.js'
import { behindGateway } from './support/gateway.js'
import { hostPort } from './support/hosts.js'
import { untilEvent, type JsonEvent } from './support/jsonEvents.js'
import { openLab } from './support/lab.js'
import { describeWith } from './support/requirements.js'
import { untilExit } from './support/runProcess.js'
import { KiB, makeSwarm, makeTrackedSwarm } from './support/swarm.js'

describeWith(
  ['root with network namespaces', 'miniupnpd', 'opentracker', ...libtorrent.needs],
  'a seeder behind miniupnpd',
  () => {
    it.for(['pcp', 'nat-pmp', 'upnp'] as const)('is reached from outside by %s', async (method, test) => {
      const lab = openLab(test)
      const { inside, outside, externalAddress, mappedPorts } = await behindGateway(lab, method)
      const { torrent, complete, folder, expectSame } = makeSwarm(lab, { pieceLength: 256 * KiB })
      const { process, port } = await rxtorrent.seed({
        lab,
        host: inside,
        torrent,
        folder: complete,
        port: await inside.freePort(),
        isDht: true,
        isPortMapping: true,
      })
      for (const protocol of ['tcp', 'udp']) {
        const mapped = await untilEvent(process, 'portMapped', (event) => event['protocol'] === protocol)
        expect(mapped).toMatchObject({ port, method, externalAddress, externalPort: port })
      }
      expect(mappedPorts().toSorted()).toEqual([`tcp ${String(port)}`, `udp ${String(port)}`])

      const download = folder('download')
      const peers = [hostPort(externalAddress, port)]
      const { completed } = await libtorrent.download({
        lab,
        host: outside,
        torrent,
        folder: download,
        peers,
      })
      await completed()
      expectSame(download)

      process.signal('SIGINT')
      await untilExit(process)
      expect(mappedPorts()).toEqual([])
    })

    it.for(['pcp', 'nat-pmp'] as const)(
      'is found by its tracker where the gateway gave another port, by %s',
      async (method, test) => {
        const lab = openLab(test)
        const { inside, outside, occupy } = await behindGateway(lab, method)
        const { torrent, complete, folder, expectSame } = await makeTrackedSwarm(lab, outside)
        const port = await inside.freePort()
        occupy(port)
        const { process } = await rxtorrent.seed({
          ...{ lab, host: inside, torrent, folder: complete, port },
          isPortMapping: true,
        })
        // The UDP port, which nobody has taken, is told too.
        const isTcp = (event: JsonEvent) => event['protocol'] === 'tcp'
        const { externalPort } = await untilEvent(process, 'portMapped', isTcp)
        expect(externalPort).not.toBe(port)
        // The first one is of the port inside.
        await untilEvent(process, 'announced')
        const download = folder('download')
        const { completed } = await libtorrent.download({ lab, host: outside, torrent, folder: download })
        await completed()
        expectSame(download)
      },
    )
  },
)
