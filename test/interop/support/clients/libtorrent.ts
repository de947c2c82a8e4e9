import { fileURLToPath } from 'node:url'
import { jsonEvents, untilEvent, untilListening } from '../jsonEvents.js'
import { python } from '../requirements.js'
import { untilExit, type RunningProcess } from '../runProcess.js'
import type { Client, Job, RunningClient } from './client.js'

const script = fileURLToPath(new URL('../libtorrentPeer.py', import.meta.url))

const start = async (role: 'seed' | 'download', job: Job, uploadLimit = 0): Promise<RunningClient> => {
  const { lab, host, torrent, folder, peers = [], port = 0, isLsd = false, usesPex = true } = job
  const { transport = 'tcp', encryption } = job
  const process = lab.run({
    label: `libtorrent ${role}`,
    argv: host.at([
      ...[python, script, role, torrent, folder],
      ...['--address', host.address, '--port', String(port), '--upload-limit', String(uploadLimit)],
      ...peers.flatMap((peer) => ['--peer', peer]),
      ...['--transport', transport],
      ...(isLsd ? ['--lsd'] : []),
      ...(encryption === undefined ? [] : ['--encryption', encryption]),
      ...(usesPex ? [] : ['--no-pex']),
    ]),
  })
  const completed = async (): Promise<void> => {
    await untilEvent(process, 'complete')
    if (role === 'download') await untilExit(process)
  }
  return { process, port: await untilListening(process), completed }
}

/** A seeder that sends at most `uploadLimit` bytes a second (0: as fast as it can). */
export const libtorrentSeeder = (job: Job, uploadLimit = 0): Promise<RunningClient> =>
  start('seed', job, uploadLimit)

export const libtorrentLeecher = (job: Job): Promise<RunningClient> => start('download', job)

/** Payload bytes that a libtorrent peer has sent so far. */
export const uploadedBy = (process: RunningProcess): number =>
  Number(jsonEvents(process).findLast((event) => event.event === 'uploaded')?.['bytes'] ?? 0)

export const libtorrent: Client = {
  name: 'libtorrent',
  needs: ['libtorrent'],
  skipsEmptyFiles: false,
  seed: libtorrentSeeder,
  download: libtorrentLeecher,
}
