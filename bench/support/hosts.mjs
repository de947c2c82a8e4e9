import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { charge } from './charge.mjs'

/**
 * A machine to run programs on: a network namespace.
 *
 * @typedef {object} Host
 * @property {readonly [string, ...string[]]} addresses so that several peers can be there, each with its own
 * @property {(argv: ReadonlyArray<string>) => ReadonlyArray<string>} at the command that runs another one there
 */

const usual = 'cubic'

const settings = '/proc/sys/net/ipv4'

/** @param {string} name */
const setting = (name) => readFileSync(`${settings}/${name}`, 'latin1').trim()

/**
 * How hosts control congestion unless told otherwise: as Linux does, whatever this machine is told to. BBR takes a reader
 * that pauses for a slow line, and then a packet of 64 KiB leaves each 30 to 75 ms (bench/RESULTS.md).
 */
export const usualCongestionControl = () => {
  // What needs no hosts is measured elsewhere too.
  if (!existsSync(settings)) return 'unknown'
  const available = setting('tcp_available_congestion_control').split(' ')
  return available.includes(usual) ? usual : setting('tcp_congestion_control')
}

/** @param {ReadonlyArray<string>} args */
const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] })

const cableRoute = ['10.77.0.0/24', 'dev', 'cable', 'proto', 'kernel', 'scope', 'link']

/**
 * Two hosts with a cable between them, for as long as this process lives. Needs root.
 *
 * @param {string} congestionControl
 * @returns {readonly [seeder: Host, leecher: Host]}
 */
export const twoHosts = (congestionControl) => {
  const ends = /** @type {const} */ ([
    {
      name: `rxtorrent-bench-${String(process.pid)}-seeder`,
      addresses: ['10.77.0.1', '10.77.0.3', '10.77.0.4', '10.77.0.5'],
    },
    { name: `rxtorrent-bench-${String(process.pid)}-leecher`, addresses: ['10.77.0.2'] },
  ])
  for (const { name } of ends) {
    charge('netns', name)
    ip('netns', 'add', name)
  }
  ip(
    'link',
    'add',
    'cable',
    'netns',
    ends[0].name,
    'type',
    'veth',
    'peer',
    'name',
    'cable',
    'netns',
    ends[1].name,
  )
  for (const { name, addresses } of ends) {
    for (const address of addresses) ip('-n', name, 'address', 'add', `${address}/24`, 'dev', 'cable')
    ip('-n', name, 'link', 'set', 'cable', 'up')
    // By the route: namespaces may choose only what the machine allows to all of its users.
    ip('-n', name, 'route', 'change', ...cableRoute, 'src', addresses[0], 'congctl', congestionControl)
    ip('-n', name, 'link', 'set', 'lo', 'up')
  }
  /** @type {(end: { readonly name: string, readonly addresses: readonly [string, ...string[]] }) => Host} */
  const host = ({ name, addresses }) => ({ addresses, at: (argv) => ['ip', 'netns', 'exec', name, ...argv] })
  return [host(ends[0]), host(ends[1])]
}
