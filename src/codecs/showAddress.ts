import type { PeerAddress } from './peerAddress.js'

/**
 * A peer's address for people: `192.0.2.1:6881`, `[2001:db8::1]:6881`, and a web seed by its name alone.
 *
 * @example
 * ```ts
 * showAddress({ host: '::1', port: 6881 }) // '[::1]:6881'
 * ```
 */
export const showAddress = ({ host, port }: PeerAddress): string => {
  if (host.includes('://')) return host
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`
}
