import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { libtorrent } from './support/clients/libtorrent.js'
import { rxtorrent } from './support/clients/rxtorrent.js'
import { loopback } from './support/hosts.js'
import { untilEvent } from './support/jsonEvents.js'
import { openLab } from './support/lab.js'
import { startNginx } from './support/nginx.js'
import { mixedPayload } from './support/payload.js'
import { describeWith } from './support/requirements.js'
import { KiB, makeSwarm, MiB } from './support/swarm.js'

describeWith(['nginx', 'libtorrent'], 'web seeds', () => {
  it.for([
    { what: 'with no peer at all' },
    { what: 'in small pieces', pieceLength: 16 * KiB },
    { what: 'of a hybrid torrent, whose padding is nowhere', isHybrid: true },
  ])('give a torrent of many files, $what', async (spec, test) => {
    const lab = openLab(test)
    const port = await loopback.freePort()
    const swarm = makeSwarm(lab, { ...spec, webSeeds: [`http://${loopback.address}:${String(port)}/`] })
    await startNginx(lab, swarm.complete, port)
    const folder = swarm.folder('download')
    const { completed } = await rxtorrent.download({ lab, host: loopback, torrent: swarm.torrent, folder })
    await completed()
    swarm.expectSame(folder)
  })

  it('give what they have; the rest comes from a peer', async (test) => {
    const lab = openLab(test)
    const ports = await Promise.all([loopback.freePort(), loopback.freePort()])
    const webSeeds = ports.map((port) => `http://${loopback.address}:${String(port)}/`)
    const swarm = makeSwarm(lab, { webSeeds })
    // One has other bytes, one has hardly anything.
    const wrong = lab.folder('wrong')
    for (const [path, length] of Object.entries(mixedPayload)) {
      const file = join(wrong, swarm.name, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, Buffer.alloc(length, 'x'))
    }
    await startNginx(lab, wrong, ports[0])
    await startNginx(lab, lab.folder('empty'), ports[1])
    const { port } = await libtorrent.seed({
      lab,
      host: loopback,
      torrent: swarm.torrent,
      folder: swarm.complete,
    })
    const folder = swarm.folder('download')
    const { process, completed } = await rxtorrent.download({
      ...{ lab, host: loopback, torrent: swarm.torrent, folder },
      peers: [`${loopback.address}:${String(port)}`],
    })
    await completed()
    swarm.expectSame(folder)
    expect(process.lines.join('\n')).toContain('webseed://')
  })

  it('may go and come back', async (test) => {
    const lab = openLab(test)
    const port = await loopback.freePort()
    const payload = { 'big.bin': 24 * MiB }
    const swarm = makeSwarm(lab, { payload, webSeeds: [`http://${loopback.address}:${String(port)}/`] })
    const server = await startNginx(lab, swarm.complete, port)
    const folder = swarm.folder('download')
    const download = await rxtorrent.download({
      ...{ lab, host: loopback, torrent: swarm.torrent, folder },
      options: ['--down', '6M'],
    })
    await untilEvent(download.process, 'progress', ({ haveBytes }) => Number(haveBytes) > 2 * MiB)
    await server.stop()
    await untilEvent(download.process, 'peerClosed')
    await startNginx(lab, swarm.complete, port)
    await download.completed()
    swarm.expectSame(folder)
  })
})
