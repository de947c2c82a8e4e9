import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeNatPmpRequest } from '../../../src/codecs/portMapping/natPmp.js'
import { encodePcpMap } from '../../../src/codecs/portMapping/pcp.js'
import { addNamespace, ip, type Host } from './hosts.js'
import type { Lab } from './lab.js'
import { python } from './requirements.js'
import { whileRunning } from './runProcess.js'
import { until } from './until.js'

/** A network behind a gateway, and a host that is not in it. */
export interface GatewayScene {
  readonly inside: Host
  readonly outside: Host
  /** The gateway's address outside. */
  readonly externalAddress: string
  /** The ports that lead inside at present, as `tcp 6881`. */
  readonly mappedPorts: () => ReadonlyArray<string>
  /** Has the gateway lead that TCP port of its own elsewhere; by UPnP it cannot be asked to. */
  readonly occupy: (externalPort: number) => void
}

const askScript = `import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.sendto(bytes.fromhex(sys.argv[2]), (sys.argv[1], 5351))
s.recv(100)`

/** As IP has it. */
const TCP = 6

/** What the gateway can be asked by. */
export type GatewayMethod = 'pcp' | 'nat-pmp' | 'upnp'

const lan = '10.77.0'
// The gateway has nothing to do with an outside that is not of the internet; nothing leaves the namespaces.
const wan = '1.2.3'

/** Who goes out has the gateway's address. Nobody comes in but by what miniupnpd adds; `silenced` is dropped before it is heard. */
const rules = (silenced: string): string => `table inet filter {
  chain input { type filter hook input priority 0; policy accept; ${silenced} }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "lan" accept
    jump miniupnpd
  }
  chain prerouting { type nat hook prerouting priority -100; policy accept; jump prerouting_miniupnpd; }
  chain postrouting { type nat hook postrouting priority 100; policy accept; jump postrouting_miniupnpd; oifname "wan" masquerade; }
  chain miniupnpd {}
  chain prerouting_miniupnpd {}
  chain postrouting_miniupnpd {}
}
`

/** PCP and NAT-PMP have one port; the first byte tells them apart. */
const silencedFor: Readonly<Record<GatewayMethod, string>> = {
  pcp: '',
  'nat-pmp': 'udp dport 5351 @th,64,8 2 drop;',
  upnp: 'udp dport 5351 drop;',
}

/** A network whose gateway is Debian's miniupnpd, which maps ports by that method alone. Needs root. */
export const behindGateway = async (lab: Lab, method: GatewayMethod): Promise<GatewayScene> => {
  const gateway = addNamespace(lab, `${lan}.1`)
  const inside = addNamespace(lab, `${lan}.2`)
  const outside = addNamespace(lab, `${wan}.2`)
  for (const [side, { name, host }] of [
    ['lan', inside],
    ['wan', outside],
  ] as const) {
    ip('link', 'add', side, 'netns', gateway.name, 'type', 'veth', 'peer', 'name', 'cable', 'netns', name)
    ip('-n', gateway.name, 'address', 'add', `${side === 'lan' ? lan : wan}.1/24`, 'dev', side)
    ip('-n', gateway.name, 'link', 'set', side, 'up')
    ip('-n', name, 'address', 'add', `${host.address}/24`, 'dev', 'cable')
    ip('-n', name, 'link', 'set', 'cable', 'up')
  }
  for (const { name } of [gateway, inside, outside]) ip('-n', name, 'link', 'set', 'lo', 'up')
  ip('-n', inside.name, 'route', 'add', 'default', 'via', gateway.host.address)

  const run = (argv: ReadonlyArray<string>, input = ''): string => {
    const [program = '', ...args] = gateway.host.at(argv)
    return execFileSync(program, args, { encoding: 'utf8', input })
  }
  run(['tee', '/proc/sys/net/ipv4/ip_forward'], '1')
  run(['nft', '-f', '-'], rules(silencedFor[method]))

  const folder = lab.folder('miniupnpd')
  const settings = join(folder, 'miniupnpd.conf')
  writeFileSync(
    settings,
    [
      'ext_ifname=wan',
      'listening_ip=lan',
      'enable_natpmp=yes',
      'enable_upnp=yes',
      'secure_mode=yes',
      'uuid=3f8a9c52-6d1e-4b7a-9c0d-2e5f71a4b683',
      `allow 1024-65535 ${lan}.0/24 1024-65535`,
      'deny 0-65535 0.0.0.0/0 0-65535',
      '',
    ].join('\n'),
  )
  const process = lab.run({
    label: 'miniupnpd',
    argv: gateway.host.at(['miniupnpd', '-d', '-f', settings, '-P', join(folder, 'pid')]),
  })
  await until(() => process.lines.some((line) => line.includes('Listening for NAT-PMP')), {
    what: 'miniupnpd at work',
    hopeless: whileRunning(process),
  })

  // Only then the system counts it among its interfaces.
  const [program = '', ...args] = inside.host.at(['cat', '/sys/class/net/cable/operstate'])
  await until(() => execFileSync(program, args, { encoding: 'utf8' }).trim() === 'up', { what: 'the cable' })

  return {
    inside: inside.host,
    outside: outside.host,
    externalAddress: `${wan}.1`,
    mappedPorts: () =>
      [
        ...run(['nft', 'list', 'chain', 'inet', 'filter', 'prerouting_miniupnpd']).matchAll(
          /@nh,72,8 (\S+) th dport (\d+) dnat/g,
        ),
      ].map(([, protocol, port]) => `${Number(protocol) === TCP ? 'tcp' : 'udp'} ${String(port)}`),
    occupy: (externalPort) => {
      const wanted = { protocol: 'tcp', internalPort: 9_999, externalPort, lifetimeSeconds: 600 } as const
      const question =
        method === 'pcp'
          ? encodePcpMap({ ...wanted, client: inside.host.address, nonce: new Uint8Array(12) })
          : encodeNatPmpRequest(wanted)
      const [ask = '', ...words] = inside.host.at([
        ...[python, '-c', askScript, gateway.host.address, Buffer.from(question).toString('hex')],
      ])
      execFileSync(ask, words)
    },
  }
}
