import { isIPv6 } from 'node:net'

/** A peer as it is written on the command line: an address or a name still to be looked up, and a port. */
export interface PeerArgument {
  readonly host: string
  readonly port: number
}

const PORT = /^\d{1,5}$/

/** A TCP port in decimal, from `lowest` on. */
export const parsePort = (text: string, lowest: 0 | 1): number | undefined => {
  const port = PORT.test(text) ? Number(text) : Number.NaN
  return port >= lowest && port <= 65_535 ? port : undefined
}

/** `HOST:PORT`; an IPv6 address stands in brackets: `[::1]:6881`. */
export const parsePeer = (text: string): PeerArgument | undefined => {
  const parts = /^(?:\[([^[\]]+)\]|([^\s:/[\]@]+)):(\d+)$/.exec(text)
  const [, bracketed, name, digits = ''] = parts ?? []
  const host = bracketed ?? name
  const port = parsePort(digits, 1)
  if (host === undefined || port === undefined) return undefined
  return bracketed !== undefined && !isIPv6(bracketed) ? undefined : { host, port }
}
