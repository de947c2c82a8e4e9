import { networkInterfaces } from 'node:os'
import type { NetworkInterfaceInfo } from 'node:os'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { parseIp } from '../../../codecs/ipAddress.js'

/** Our own IPv4 address in the network that this one is in: of several, that of the smallest network. */
export const ownAddress = (neighbour: string, all = networkInterfaces()): Option<string> => {
  const ip = O.toUndefined(parseIp(neighbour))
  if (ip?.length !== 4) return O.none
  const [best] = Object.values(all)
    .flatMap((addresses = []) => addresses)
    .filter((entry) => isNear(entry, ip))
    .toSorted((a, b) => bitsOf(b.netmask) - bitsOf(a.netmask))
  return O.fromNullable(best?.address)
}

const isNear = ({ family, address, netmask }: NetworkInterfaceInfo, ip: Uint8Array): boolean => {
  if (family !== 'IPv4') return false
  const [own, mask] = [O.toUndefined(parseIp(address)), O.toUndefined(parseIp(netmask))]
  return own !== undefined && ip.every((byte, i) => ((byte ^ (own[i] ?? 0)) & (mask?.[i] ?? 255)) === 0)
}

const bitsOf = (netmask: string): number =>
  netmask.split('.').reduce((sum, byte) => sum + Number(byte).toString(2).replaceAll('0', '').length, 0)
