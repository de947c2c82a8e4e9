import { readFile } from 'node:fs/promises'
import { defer, from, map, type Observable, of } from 'rxjs'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { failAsEvent } from '../../../operators/rx/failAsEvent.js'

/** The gateway of the default route, where the system is Linux; none elsewhere: other systems do not tell it in a file. */
export const defaultGateway = (): Observable<Option<string>> =>
  process.platform === 'linux'
    ? defer(() => from(readFile('/proc/net/route', 'latin1'))).pipe(
        map(gatewayIn),
        failAsEvent(() => O.none),
      )
    : of(O.none)

/** The gateway of the default route with the lowest metric, from the text of `/proc/net/route`. */
export const gatewayIn = (table: string): Option<string> => {
  const routes = table.split('\n').flatMap((line) => {
    const [, destination, gateway, flags, , , metric, mask] = line.trim().split(/\s+/)
    const isDefault = destination === '00000000' && mask === '00000000'
    const isUp = (parseInt(flags ?? '', 16) & UP_BY_GATEWAY) === UP_BY_GATEWAY
    return isDefault && isUp && /^[0-9A-F]{8}$/i.test(gateway ?? '')
      ? [{ gateway: gateway ?? '', metric: Number(metric) }]
      : []
  })
  const [best] = routes.toSorted((a, b) => a.metric - b.metric)
  return best === undefined ? O.none : O.some(addressOf(best.gateway))
}

const UP_BY_GATEWAY = 0x3

/** The kernel writes the number as the machine has it: the last byte first, on all machines that Node runs on but s390x. */
const addressOf = (hex: string): string => {
  const bytes = Array.from({ length: 4 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16))
  return (process.arch === 's390x' ? bytes : bytes.toReversed()).join('.')
}
