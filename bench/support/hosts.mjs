import { execFileSync } from 'node:child_process'
import { charge } from './charge.mjs'

/**
 * A machine to run programs on: a network namespace.
 *
 * @typedef {object} Host
 * @property {readonly [string, ...string[]]} addresses so that several peers can be there, each with its own
 * @property {(argv: ReadonlyArray<string>) => ReadonlyArray<string>} at the command that runs another one there
 */

/** @param {ReadonlyArray<string>} args */
const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] })

/**
 * Two hosts with a cable between them, for as long as this process lives. Needs root.
 *
 * @returns {readonly [seeder: Host, leecher: Host]}
 */
export const twoHosts = () => {
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
    ip('-n', name, 'link', 'set', 'lo', 'up')
  }
  /** @type {(end: { readonly name: string, readonly addresses: readonly [string, ...string[]] }) => Host} */
  const host = ({ name, addresses }) => ({ addresses, at: (argv) => ['ip', 'netns', 'exec', name, ...argv] })
  return [host(ends[0]), host(ends[1])]
}
