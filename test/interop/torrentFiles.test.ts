import { execFileSync } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { libtorrent } from './support/clients/libtorrent.js'
import { rxtorrentCommand } from './support/clients/rxtorrent.js'
import { loopback } from './support/hosts.js'
import { openLab } from './support/lab.js'
import { describeWith } from './support/requirements.js'
import { untilExit } from './support/runProcess.js'
import { KiB, makeSwarm, MiB, type Swarm } from './support/swarm.js'

const announceUrl = 'http://127.0.0.1:9/announce'

/** Runs one command of ours to its end. */
const rxtorrent = async (
  { lab }: Swarm,
  ...args: ReadonlyArray<string>
): Promise<{ readonly code: number | null; readonly lines: ReadonlyArray<string> }> => {
  const process = lab.run({ label: `rxtorrent ${args[0] ?? ''}`, argv: [...rxtorrentCommand(), ...args] })
  const { code } = await untilExit(process)
  return { code, lines: process.lines }
}

const spoil = (path: string, position: number): void => {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.from([0x5a, 0xa5]), 0, 2, position)
  closeSync(file)
}

describeWith(['libtorrent'], 'libtorrent', () => {
  it.for([16 * KiB, 256 * KiB, 4 * MiB])(
    'finds our torrent in pieces of %i bytes right',
    async (pieceLength, test) => {
      const swarm = makeSwarm(openLab(test))
      const torrent = join(dirname(swarm.torrent), 'ours.torrent')
      const path = join(swarm.complete, swarm.name)
      const made = await rxtorrent(
        swarm,
        ...['create', path, '-o', torrent, '--piece-length', String(pieceLength), '--announce', announceUrl],
      )
      expect(made.code).toBe(0)

      // with no peer to ask, it completes only if it takes every byte for right
      const { completed } = await libtorrent.download({
        lab: swarm.lab,
        host: loopback,
        torrent,
        folder: swarm.complete,
      })
      await completed()
    },
  )

  it('and we read the same infohash from its torrents', async (test) => {
    const lab = openLab(test)
    const swarm = makeSwarm(lab, { announce: announceUrl })
    const { code, lines } = await rxtorrent(swarm, 'info', swarm.torrent, '--json')
    expect(code).toBe(0)
    expect(lines.join('\n')).toContain(swarm.infohash)
  })

  it('and we read the same v1 infohash from its hybrid torrents', async (test) => {
    const swarm = makeSwarm(openLab(test), { isHybrid: true })
    const { code, lines } = await rxtorrent(swarm, 'info', swarm.torrent, '--json')
    expect(code).toBe(0)
    expect(lines.join('\n')).toContain(swarm.infohash)
  })
})

describeWith(['libtorrent', 'mktorrent'], 'mktorrent', () => {
  it('makes torrents that we verify data by', async (test) => {
    const swarm = makeSwarm(openLab(test))
    const torrent = join(dirname(swarm.torrent), 'mktorrent.torrent')
    execFileSync(
      'mktorrent',
      ['-l', '18', '-a', announceUrl, '-o', torrent, join(swarm.complete, swarm.name)],
      { stdio: 'ignore' },
    )
    const verify = ['verify', torrent, '--data', swarm.complete] as const
    expect((await rxtorrent(swarm, ...verify)).code).toBe(0)
    spoil(join(swarm.complete, swarm.name, 'video.bin'), MiB)
    expect((await rxtorrent(swarm, ...verify)).code).toBe(6)
  })
})
