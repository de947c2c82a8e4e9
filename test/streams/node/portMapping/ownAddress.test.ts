import type { NetworkInterfaceInfo } from 'node:os'
import { expect, it } from 'vitest'
import * as O from '#fp/Option'
import { ownAddress } from '../../../../src/streams/node/portMapping/ownAddress.js'

const four = (address: string, netmask: string): NetworkInterfaceInfo => ({
  ...{ family: 'IPv4', address, netmask, mac: '', internal: false, cidr: null },
})
const six: NetworkInterfaceInfo = {
  ...{
    family: 'IPv6',
    address: 'fd00::1',
    netmask: 'ffff::',
    mac: '',
    internal: false,
    cidr: null,
    scopeid: 0,
  },
}

const interfaces = {
  eth0: [six, four('192.168.1.2', '255.255.255.0')],
  eth1: [four('10.0.0.5', '255.0.0.0')],
  wg0: [four('10.1.2.3', '255.255.0.0')],
  down: undefined,
}

it.each([
  ['192.168.1.1', '192.168.1.2'],
  ['10.9.9.9', '10.0.0.5'],
  ['10.1.9.9', '10.1.2.3'],
])('is near %s as %s', (neighbour, own) => {
  expect(ownAddress(neighbour, interfaces)).toEqual(O.some(own))
})

it.each(['192.168.2.1', '8.8.8.8', 'fd00::2', 'router', ''])('is not near %j', (neighbour) => {
  expect(ownAddress(neighbour, interfaces)).toEqual(O.none)
})
