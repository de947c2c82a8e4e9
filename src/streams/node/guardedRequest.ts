import { lookup as dnsLookup } from 'node:dns'
import { connect as connectTcp } from 'node:net'
import type { LookupFunction } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { request as http } from 'node:http'
import type { ClientRequest, OutgoingHttpHeaders } from 'node:http'
import { request as https } from 'node:https'
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
  readonly headers: OutgoingHttpHeaders
}

/** The `code` of the error that a refused address gives. */
export const ADDRESS_REFUSED = 'ERR_ADDRESS_REFUSED'

/**
 * A GET that is yet to be ended, over a connection of its own, which is made to no address that `guard` refuses. The
 * very addresses that are checked are those that are dialled: what a name resolves to a moment later makes no difference.
 * What is wrong comes as its `error`.
 */
export const guardedRequest = (url: URL, options: GuardOptions, guard: Guard): ClientRequest => {
  const { lookup = dnsLookup, scopeOf = ipScope, ca, connectTimeout } = options
  const scope = (address: string): IpScope =>
    O.match(
      // With a zone: `fe80::1%eth0`.
      (): IpScope => 'local',
      scopeOf,
    )(parseIp(address))
  const isAllowed = (address: string): boolean => guard.allows(scope(address))
  const isSecure = url.protocol === 'https:'
  const hostname = url.hostname.replace(/^\[|\]$/g, '')

  const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port)
  const isName = O.isNone(parseIp(hostname))

  const request = (isSecure ? https : http)({
    hostname,
    port,
    path: url.pathname + url.search,
    headers: guard.headers,
    createConnection: () => {
      const to = { host: hostname, port, lookup: guardedLookup(lookup, isAllowed) }
      const socket = isSecure
        ? connectTls({
            ...to,
            servername: isName ? hostname : '',
            ALPNProtocols: ['http/1.1'],
            ...(ca === undefined ? {} : { ca }),
          })
        : connectTcp(to)
      // A request that is given up before its name is resolved would connect all the same.
      guard.signal.addEventListener('abort', () => socket.destroy(), { once: true })
      return socket
    },
    signal: guard.signal,
    maxHeaderSize: MAX_HEADER_BYTES,
  })
  const timer = setTimeout(() => {
    request.destroy(Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' }))
  }, connectTimeout)
  request.once('close', () => {
    clearTimeout(timer)
  })
  request.once('socket', (socket) => {
    socket.once('connect', () => {
      const address = socket.remoteAddress ?? ''
      if (isAllowed(address)) guard.onConnected(scope(address))
      else request.destroy(refused())
    })
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
    })
  })
  // The lookup is not asked about a name that is an address.
  if (!isName && !isAllowed(hostname)) request.destroy(refused())
  return request
}

const MAX_HEADER_BYTES = 16 * 1024

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
