import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { untilEvent, untilListening } from '../jsonEvents.js'
import { untilExit } from '../runProcess.js'
import type { Client, Job, RunningClient } from './client.js'

const built = fileURLToPath(new URL('../../../../dist/cli.cjs', import.meta.url))

/** How to start the client under test: `RXTORRENT_COMMAND` (words parted by blanks), or what was built. */
export const rxtorrentCommand = (): ReadonlyArray<string> => {
  const given = process.env['RXTORRENT_COMMAND']
  if (given !== undefined) return given.split(' ')
  if (!existsSync(built)) throw new Error(`${built} is not there: run "npm run build" first`)
  return [process.execPath, built]
}

/** Options with which `download` and `seed` send nothing into the network around them. */
export const UNDISCOVERED: ReadonlyArray<string> = ['--no-dht', '--no-lsd', '--no-port-mapping']

const start = async (job: Job, role: string, args: ReadonlyArray<string>): Promise<RunningClient> => {
  const { lab, host, torrent, peers = [], port = 0, options = [] } = job
  const { isDht = false, isLsd = false, isPortMapping = false } = job
  const process = lab.run({
    label: `rxtorrent ${role}`,
    argv: host.at([
      ...rxtorrentCommand(),
      ...[role, torrent, '--json', '--port', String(port)],
      ...(isDht ? ['--dht-bootstrap', '127.0.0.1:1'] : ['--no-dht']),
      ...peers.flatMap((peer) => ['--peer', peer]),
      ...(isLsd ? [] : ['--no-lsd']),
      ...(isPortMapping ? [] : ['--no-port-mapping']),
      ...options,
      ...args,
    ]),
  })
  const completed = async (): Promise<void> => {
    await untilEvent(process, 'complete')
    const { code } = await untilExit(process)
    if (code !== 0) throw new Error(`rxtorrent ended with ${String(code)}`)
  }
  return { process, port: await untilListening(process), completed }
}

/** The client under test. A downloader leaves when it is done. */
export const rxtorrent: Client = {
  name: 'rxtorrent',
  needs: [],
  skipsEmptyFiles: false,
  seed: (job) => start(job, 'seed', ['--data', job.folder]),
  download: (job) => start(job, 'download', ['-o', job.folder]),
}
