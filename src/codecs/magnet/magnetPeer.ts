import * as O from '#fp/Option'
import { pipe } from '#fp/function'
import { formatIp, parseIp } from '../ipAddress.js'
import type { PeerAddress } from '../peerAddress.js'

const FORM = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d{1,5})$/i

/** `192.0.2.1:6881` or `[2001:db8::1]:6881`; none or one. Names are left out: a link is no reason to ask the DNS. */
export const readMagnetPeer = (text: string): ReadonlyArray<PeerAddress> => {
  const [, ipv6, ipv4, digits] = FORM.exec(text) ?? []
  const host = pipe(parseIp(ipv6 ?? ipv4 ?? ''), O.chain(formatIp))
  const port = Number(digits)
  return O.isSome(host) && port > 0 && port <= 0xffff ? [{ host: host.value, port }] : []
}
