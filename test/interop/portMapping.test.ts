import { expect, it } from 'vitest'
import { libtorrent } from './support/clients/libtorrent.js'
import { rxtorrent } from './support/clients/rxtorrent.js'
import { behindGateway } from './support/gateway.js'
import { hostPort } from './support/hosts.js'
import { untilEvent } from './support/jsonEvents.js'
import { openLab } from './support/lab.js'
import { describeWith } from './support/requirements.js'
import { untilExit } from './support/runProcess.js'
import { KiB, makeSwarm } from './support/swarm.js'

describeWith(
  ['root with network namespaces', 'miniupnpd', ...libtorrent.needs],
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
        isPortMapping: true,
      })
      const mapped = await untilEvent(process, 'portMapped')
      expect(mapped).toMatchObject({ port, method, externalAddress, externalPort: port })
      expect(mappedPorts()).toEqual([port])

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
  },
)
