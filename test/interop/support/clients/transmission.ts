import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PeerAddress } from '../../../../src/codecs/peerAddress.js'
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

const start = async (job: Job, dhtNodes: ReadonlyArray<PeerAddress> = []): Promise<RunningClient> => {
  const { lab, host, torrent, folder, isLsd = false, usesPex = true } = job
  const { transport = 'tcp', encryption } = job
  const port = job.port ?? (await host.freePort())
  const rpcPort = await host.freePort()
  started += 1
  const settings = lab.folder(`transmission-${String(started)}`)
  writeFileSync(join(settings, 'settings.json'), JSON.stringify({ 'pex-enabled': usesPex }))
  const bootstrap = dhtNodes.map((node) => `${node.host} ${String(node.port)}\n`)
  writeFileSync(join(settings, 'dht.bootstrap'), bootstrap.join(''))
  const process = lab.run({
    label: 'transmission',
    argv: host.at([
      ...['transmission-daemon', '--foreground', '--config-dir', settings, '--download-dir', folder],
      ...['--peerport', String(port), '--port', String(rpcPort), '--no-auth'],
      ...[
        dhtNodes.length === 0 ? '--no-dht' : '--dht',
        isLsd ? '--lpd' : '--no-lpd',
        // Beside TCP: it cannot be told to do without that.
        transport === 'utp' ? '--utp' : '--no-utp',
        ...(encryption === undefined
          ? []
          : [encryption === 'none' ? '--encryption-tolerated' : '--encryption-required']),
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

/** A seeder that is found by the DHT, which it enters at those nodes. */
export const transmissionByDht = async (
  job: Job,
  nodes: ReadonlyArray<PeerAddress>,
): Promise<RunningClient> => {
  const client = await start(job, nodes)
  await client.completed()
  return client
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
  download: (job) => start(job),
}
