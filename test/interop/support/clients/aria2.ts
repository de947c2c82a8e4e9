import type { PeerAddress } from '../../../../src/codecs/peerAddress.js'
import { hostPort } from '../hosts.js'
import { untilExit } from '../runProcess.js'
import type { Client, Encryption, Job, RunningClient } from './client.js'

const quiet = [
  ...['--quiet=true', '--no-conf=true', '--enable-dht=false', '--enable-dht6=false'],
  ...['--file-allocation=none', '--allow-overwrite=true'],
]

/** It cannot be kept from encryption. */
const ENCRYPTION: Readonly<Record<Encryption, ReadonlyArray<string>>> = {
  rc4: ['--bt-force-encryption=true'],
  header: ['--bt-require-crypto=true', '--bt-min-crypto-level=plain'],
  none: [],
}

const start = async (job: Job, role: string, options: ReadonlyArray<string>): Promise<RunningClient> => {
  const { lab, host, torrent, folder, isLsd = false, encryption } = job
  const port = job.port ?? (await host.freePort())
  const process = lab.run({
    label: `aria2 ${role}`,
    argv: host.at([
      'aria2c',
      ...quiet,
      `--dir=${folder}`,
      `--enable-peer-exchange=${String(job.usesPex === true)}`,
      `--bt-enable-lpd=${String(isLsd)}`,
      `--listen-port=${String(port)}`,
      ...(encryption === undefined ? [] : ENCRYPTION[encryption]),
      ...options,
      torrent,
    ]),
  })
  const completed = async (): Promise<void> => {
    const { code } = await untilExit(process)
    if (code !== 0) throw new Error(`aria2 ended with ${String(code)}`)
  }
  return { process, port, completed }
}

/** A seeder that is found by the DHT, which it enters at that node. */
export const aria2ByDht = (job: Job, entry: PeerAddress): Promise<RunningClient> =>
  start(job, 'seed', [
    ...['--check-integrity=true', '--seed-ratio=0', '--enable-dht=true'],
    ...[
      `--dht-entry-point=${hostPort(entry.host, entry.port)}`,
      `--dht-file-path=${job.lab.folder('aria2')}/dht.dat`,
    ],
  ])

/** Finds peers by tracker, and by others if it is to; a downloader leaves when it is done. */
export const aria2: Client = {
  name: 'aria2',
  needs: ['aria2'],
  skipsEmptyFiles: false,
  seed: (job) => start(job, 'seed', ['--check-integrity=true', '--seed-ratio=0']),
  download: (job) => start(job, 'download', ['--seed-time=0']),
}
