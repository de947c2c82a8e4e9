import { networkInterfaces } from 'node:os'
import type { NetworkInterfaceInfo } from 'node:os'
import { firstValueFrom, merge, NEVER, of, Subscription } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lsd, lsdInterfaces } from '../../../src/streams/node/lsd.js'
import { rethrow } from '../../support/rethrow.js'

const address = (family: 'IPv4' | 'IPv6', text: string, internal = false): NetworkInterfaceInfo => ({
  address: text,
  netmask: '',
  mac: '',
  cidr: null,
  internal,
  family,
  scopeid: 0,
})

const interfaces = {
  lo: [address('IPv4', '127.0.0.1', true), address('IPv6', '::1', true)],
  eth0: [
    address('IPv4', '10.0.0.1'),
    address('IPv4', '10.0.0.2'),
    address('IPv6', 'fe80::1'),
    address('IPv6', 'fd00::1'),
  ],
  wg0: [address('IPv4', '10.9.0.1')],
  down: undefined,
}

describe('lsdInterfaces', () => {
  it('has each network once for each family, and not what leads to this machine alone', () => {
    expect(lsdInterfaces(interfaces)).toEqual([
      { family: 4, interface: '10.0.0.1' },
      { family: 6, interface: '::%eth0' },
      { family: 4, interface: '10.9.0.1' },
    ])
  })

  it('keeps to those that are named', () => {
    expect(lsdInterfaces(interfaces, ['lo', 'nowhere'])).toEqual([
      { family: 4, interface: '127.0.0.1' },
      { family: 6, interface: '::%lo' },
    ])
  })
})

/** The loopback interface, by whatever name: nothing of the tests leaves this machine. */
const loopback = Object.entries(networkInterfaces()).flatMap(([name, all = []]) =>
  all.some(({ internal, family }) => internal && family === 'IPv4') ? [name] : [],
)

describe('lsd', () => {
  it('finds who is on the same interface, over real sockets', async () => {
    const infohash = new Uint8Array(20).fill(process.pid & 0xff)
    const [one, other] = [lsd({ interfaces: loopback }), lsd({ interfaces: loopback })]
    const running = new Subscription()
    onTestFinished(() => {
      running.unsubscribe()
    })
    running.add(other.find(infohash, NEVER).subscribe({ error: rethrow }))
    const heard = firstValueFrom(other.find(infohash, NEVER))
    running.add(one.find(infohash, merge(of(4_321), NEVER)).subscribe({ error: rethrow }))
    expect(await heard).toEqual([{ host: '127.0.0.1', port: 4_321 }])
  })
})
