import { lookup as dnsLookup } from 'node:dns'
import { connect as connectTcp } from 'node:net'
import type { LookupFunction, Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { request as http } from 'node:http'
import type { Agent, ClientRequest, OutgoingHttpHeaders } from 'node:http'
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
  /** Keeps connections from request to request; it must refuse as `allows` does. See `keptConnections`. */
  readonly agent?: Agent
}

const WIDTH: Readonly<Record<IpScope, number>> = { loopback: 0, local: 1, global: 2 }

/** Whether a network is no narrower than another: a redirect must not lead into a narrower one. */
export const isAsWide = (scope: IpScope, than: IpScope): boolean => WIDTH[scope] >= WIDTH[than]

/** The `code` of the error that a refused address gives. */
export const ADDRESS_REFUSED = 'ERR_ADDRESS_REFUSED'

/**
 * A GET that is yet to be ended, over a connection of its own unless there is an agent, which is made to no address that
 * `guard` refuses. The very addresses that are checked are those that are dialled: what a name resolves to a moment later
 * makes no difference. What is wrong comes as its `error`.
 */
export const guardedRequest = (url: URL, options: GuardOptions, guard: Guard): ClientRequest => {
  const { scopeOf = ipScope, connectTimeout } = options
  const scope = (address: string): IpScope => addressScope(address, scopeOf)
  const isAllowed = (address: string): boolean => guard.allows(scope(address))
  const isSecure = url.protocol === 'https:'
  const hostname = hostnameOf(url)
  const isName = O.isNone(parseIp(hostname))

  const request = (isSecure ? https : http)({
    hostname,
    port: portOf(url),
    path: url.pathname + url.search,
    headers: guard.headers,
    ...(guard.agent === undefined
      ? {
          signal: guard.signal,
          createConnection: () => {
            const socket = connectTo(url, options, isAllowed)
            // A request that is given up before its name is resolved would connect all the same.
            guard.signal.addEventListener('abort', () => socket.destroy(), { once: true })
            return socket
          },
        }
      : { agent: guard.agent }),
    maxHeaderSize: MAX_HEADER_BYTES,
  })
  if (guard.agent !== undefined) {
    // An error given to a connection between two requests would find nobody to hear it.
    guard.signal.addEventListener('abort', () => request.destroy(), { once: true })
  }
  const timer = setTimeout(() => {
    request.destroy(Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' }))
  }, connectTimeout)
  request.once('close', () => {
    clearTimeout(timer)
  })
  request.once('socket', (socket) => {
    const check = (): void => {
      const address = socket.remoteAddress ?? ''
      if (isAllowed(address)) guard.onConnected(scope(address))
      else request.destroy(refused())
    }
    if (!socket.connecting) {
      clearTimeout(timer)
      check()
      return
    }
    socket.once('connect', check)
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

/** An IPv6 address without its brackets. */
export const hostnameOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')

const portOf = ({ port, protocol }: URL): number =>
  port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)

/** How far an address reaches, in text and perhaps with a zone (`fe80::1%eth0`). */
export const addressScope = (address: string, scopeOf: (ip: Uint8Array) => IpScope): IpScope =>
  O.match((): IpScope => 'local', scopeOf)(parseIp(address))

/** A connection to the server of a URL, to one of those of its addresses that are allowed. */
export const connectTo = (
  url: URL,
  { lookup = dnsLookup, ca }: Pick<GuardOptions, 'lookup' | 'ca'>,
  isAllowed: (address: string) => boolean,
): Socket => {
  const hostname = hostnameOf(url)
  const to = { host: hostname, port: portOf(url), lookup: guardedLookup(lookup, isAllowed) }
  return url.protocol === 'https:'
    ? connectTls({
        ...to,
        servername: O.isNone(parseIp(hostname)) ? hostname : '',
        ALPNProtocols: ['http/1.1'],
        ...(ca === undefined ? {} : { ca }),
      })
    : connectTcp(to)
}

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
