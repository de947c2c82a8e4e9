import { execFile } from 'node:child_process'
import type { Host } from '../hosts.js'
import { untilAccepting } from '../untilAccepting.js'
import { until } from '../until.js'
import { whileRunning } from '../runProcess.js'
import type { Client, Job, RunningClient } from './client.js'

const remote = (host: Host, rpcPort: number, args: ReadonlyArray<string>): Promise<string> =>
  new Promise((resolve, reject) => {
    const [program = '', ...rest] = host.at(['transmission-remote', String(rpcPort), ...args])
    execFile(program, rest, (error, stdout) => {
      if (error === null) resolve(stdout)
      else reject(new Error(error.message))
    })
  })

let started = 0

const start = async (job: Job): Promise<RunningClient> => {
  const { lab, host, torrent, folder, isLsd = false } = job
  const port = job.port ?? (await host.freePort())
  const rpcPort = await host.freePort()
  started += 1
  const settings = lab.folder(`transmission-${String(started)}`)
  const process = lab.run({
    label: 'transmission',
    argv: host.at([
      ...['transmission-daemon', '--foreground', '--config-dir', settings, '--download-dir', folder],
      ...['--peerport', String(port), '--port', String(rpcPort), '--no-auth'],
      ...[
        '--no-dht',
        isLsd ? '--lpd' : '--no-lpd',
        '--no-utp',
        '--no-portmap',
        '--no-incomplete-dir',
        '--no-watch-dir',
      ],
    ]),
  })
  await untilAccepting(host, rpcPort, process)
  await remote(host, rpcPort, ['--add', torrent])
  const completed = async (): Promise<void> => {
    await until(async () => / 100% /.test(await remote(host, rpcPort, ['--list'])), {
      what: 'transmission at 100 %',
      seconds: 50,
      hopeless: whileRunning(process),
    })
  }
  return { process, port, completed }
}

/** Has nothing to do with peers on loopback addresses: run it on a host of its own. Finds peers by tracker only. */
export const transmission: Client = {
  name: 'transmission',
  needs: ['transmission', 'root with network namespaces'],
  skipsEmptyFiles: true,
  seed: async (job) => {
    const client = await start(job)
    await client.completed()
    return client
  },
  download: start,
}
