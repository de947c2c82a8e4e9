import { execFileSync } from 'node:child_process'
import { charge } from './charge.js'
import { freePort } from './freePort.js'
import type { Lab } from './lab.js'

/** A machine to run clients on: this one, or one that a network namespace makes of it. */
export interface Host {
  readonly address: string
  /** The command that runs `argv` there. */
  readonly at: (argv: ReadonlyArray<string>) => ReadonlyArray<string>
  readonly freePort: () => Promise<number>
}

const local = (address: string): Host => ({
  address,
  at: (argv) => argv,
  freePort: () => freePort(address),
})

export const loopback: Host = local('127.0.0.1')
export const loopback6: Host = local('::1')

/** `host:port` as clients take it. */
export const hostPort = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${String(port)}` : `${address}:${String(port)}`

export const ip = (...args: ReadonlyArray<string>): void => {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

let made = 0

/** A machine without a network, gone when the lab closes. Needs root. */
export const addNamespace = (lab: Lab, address: string): { readonly name: string; readonly host: Host } => {
  made += 1
  const name = `rxtorrent-${String(process.pid)}-${String(made)}`
  ip('netns', 'add', name)
  const discharge = charge('netns', name)
  lab.defer(() => {
    ip('netns', 'delete', name)
    discharge()
  })
  const at: Host['at'] = (argv) => ['ip', 'netns', 'exec', name, ...argv]
  // a port that is free here is free in an empty namespace too
  return { name, host: { address, at, freePort: () => freePort('127.0.0.1') } }
}

type Namespace = ReturnType<typeof addNamespace>

/** Brings up the end of the cable that is in there, under the host's address. */
const plugIn = ({ name, host }: Namespace, family: 4 | 6): void => {
  const form = family === 4 ? [`${host.address}/24`] : [`${host.address}/64`, 'nodad']
  ip('-n', name, 'address', 'add', ...form, 'dev', 'cable')
  ip('-n', name, 'link', 'set', 'cable', 'up')
  ip('-n', name, 'link', 'set', 'lo', 'up')
  // Some clients leave it to the system where multicast goes.
  ip('-n', name, `-${String(family)}`, 'route', 'add', 'default', 'dev', 'cable')
}

/** Two hosts with a cable between them, gone when the lab closes; for IPv6, without an IPv4 address. Needs root. */
export const twoHosts = (lab: Lab, family: 4 | 6 = 4): readonly [Host, Host] => {
  const network = family === 4 ? '10.77.0.' : 'fd77::'
  const [a, b] = [addNamespace(lab, `${network}1`), addNamespace(lab, `${network}2`)]
  ip('link', 'add', 'cable', 'netns', a.name, 'type', 'veth', 'peer', 'name', 'cable', 'netns', b.name)
  for (const namespace of [a, b]) plugIn(namespace, family)
  return [a.host, b.host]
}

/** Three hosts at one switch, gone when the lab closes. Needs root. */
export const threeHosts = (lab: Lab): readonly [Host, Host, Host] => {
  const hub = addNamespace(lab, '')
  ip('-n', hub.name, 'link', 'add', 'switch', 'type', 'bridge')
  ip('-n', hub.name, 'link', 'set', 'switch', 'up')
  const add = (number: number): Host => {
    const namespace = addNamespace(lab, `10.77.0.${String(number)}`)
    const [inside, port] = [namespace.name, `port${String(number)}`]
    ip('link', 'add', 'cable', 'netns', inside, 'type', 'veth', 'peer', 'name', port, 'netns', hub.name)
    ip('-n', hub.name, 'link', 'set', port, 'master', 'switch', 'up')
    plugIn(namespace, 4)
    return namespace.host
  }
  return [add(1), add(2), add(3)]
}
