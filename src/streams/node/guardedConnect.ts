import { lookup as dnsLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { buildConnector } from 'undici'
import * as O from '#fp/Option'
import { ipScope, parseIp } from '../../codecs/ipAddress.js'
import type { IpScope } from '../../codecs/ipAddress.js'

export interface GuardOptions {
  /** Name resolution; the system's unless given. */
  readonly lookup?: LookupFunction
  /** How far an address reaches; `ipScope` unless given. */
  readonly scopeOf?: (ip: Uint8Array) => IpScope
  /** Certificates (PEM) of authorities to trust instead of the usual ones. */
  readonly ca?: string
  /** Milliseconds until a connect fails. */
  readonly connectTimeout: number
}

export interface Guard {
  /** Whether a connection to an address of this scope may be made. */
  readonly allows: (scope: IpScope) => boolean
  /** Told the scope of the connection that was made. */
  readonly onConnected: (scope: IpScope) => void
  readonly signal: AbortSignal
}

/** The `code` of the error that a refused address gives. */
export const ADDRESS_REFUSED = 'ERR_ADDRESS_REFUSED'

/**
 * An undici connector that makes no connection to an address that `guard` refuses. The very addresses that are checked
 * are those that are dialled: what a name resolves to a moment later makes no difference.
 */
export const guardedConnect = (
  build: typeof buildConnector,
  options: GuardOptions,
  guard: Guard,
): buildConnector.connector => {
  const { lookup = dnsLookup, scopeOf = ipScope, ca, connectTimeout } = options
  const scope = (address: string): IpScope =>
    O.match(
      // With a zone: `fe80::1%eth0`.
      (): IpScope => 'local',
      scopeOf,
    )(parseIp(address))
  const isAllowed = (address: string): boolean => guard.allows(scope(address))

  const connect = build({
    timeout: connectTimeout,
    maxCachedSessions: 0,
    lookup: guardedLookup(lookup, isAllowed),
    signal: guard.signal,
    ...(ca === undefined ? {} : { ca }),
  })
  return (target, callback) => {
    // The lookup is not asked about a name that is an address.
    if (O.isSome(parseIp(target.hostname)) && !isAllowed(target.hostname)) {
      callback(refused(), null)
      return
    }
    connect(target, (...result) => {
      const [, socket] = result
      const address = socket?.remoteAddress
      if (address === undefined) callback(...result)
      else if (isAllowed(address)) {
        guard.onConnected(scope(address))
        callback(...result)
      } else {
        socket?.destroy()
        callback(refused(), null)
      }
    })
  }
}

const refused = (): Error => Object.assign(new Error('address refused'), { code: ADDRESS_REFUSED })

/** `lookup` without the addresses that are not allowed. */
const guardedLookup =
  (lookup: LookupFunction, isAllowed: (address: string) => boolean): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found, family) => {
      const addresses = typeof found === 'string' ? [{ address: found, family: family ?? 4 }] : found
      const allowed = error === null ? addresses.filter(({ address }) => isAllowed(address)) : []
      const [first] = allowed
      if (first === undefined) callback(error ?? refused(), [])
      else if (options.all === true) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
