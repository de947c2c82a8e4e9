import { execFile } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Host } from './hosts.js'
import type { Lab } from './lab.js'
import { python } from './requirements.js'
import { whileRunning } from './runProcess.js'
import { until } from './until.js'
import { untilAccepting } from './untilAccepting.js'

export interface Tracker {
  /** Waits until so many peers that have everything have announced themselves. */
  readonly untilSeeders: (count: number) => Promise<void>
}

const fetchScript =
  'import sys, urllib.request; sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1], timeout=5).read())'

// by a program, as the host may be one that this process is not on
const fetchLatin1 = (host: Host, url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const [program = '', ...args] = host.at([python, '-c', fetchScript, url])
    execFile(program, args, { encoding: 'latin1' }, (error, stdout) => {
      if (error === null) resolve(stdout)
      else reject(new Error(error.message))
    })
  })

/** Starts Debian's opentracker, which serves only the torrents that it is told of. Needs root: it locks itself in. */
export const startOpentracker = async (
  lab: Lab,
  host: Host,
  port: number,
  infohash: string,
): Promise<Tracker> => {
  const jail = lab.folder('opentracker')
  writeFileSync(join(jail, 'whitelist'), `${infohash}\n`)
  // it reads the list as nobody
  chmodSync(join(jail, '..'), 0o755)
  const process = lab.run({
    label: 'opentracker',
    argv: host.at([
      ...['opentracker', '-i', host.address, '-p', String(port), '-P', String(port)],
      ...['-d', jail, '-w', '/whitelist', '-u', 'nobody'],
    ]),
  })
  await untilAccepting(host, port, process)
  const scrape = `http://${host.address}:${String(port)}/scrape?info_hash=${infohash.replace(/../g, '%$&')}`

  return {
    untilSeeders: async (count) => {
      await until(
        async () => Number(/8:completei(\d+)e/.exec(await fetchLatin1(host, scrape))?.[1]) >= count,
        {
          what: `${String(count)} seeders at the tracker`,
          hopeless: whileRunning(process),
        },
      )
    },
  }
}
