import { execFileSync } from 'node:child_process'
import type { Host } from './hosts.js'

const runAt = (host: Host, ...argv: ReadonlyArray<string>): void => {
  const [program = '', ...args] = host.at(argv)
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** Drops what comes to a host of its own by TCP at that port, as a firewall does. */
export const blockTcp = (host: Host, port: number): void => {
  runAt(host, 'nft', 'add', 'table', 'inet', 'wall')
  const hook = '{ type filter hook input priority 0 ; }'
  runAt(host, 'nft', 'add', 'chain', 'inet', 'wall', 'in', hook)
  runAt(host, 'nft', 'add', 'rule', 'inet', 'wall', 'in', 'tcp', 'dport', String(port), 'drop')
}
