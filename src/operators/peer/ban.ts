import { toHex } from '../../codecs/bytes.js'
import { ipScope, parseIp } from '../../codecs/ipAddress.js'
import * as O from '#fp/Option'

/** Different peers of one host banned before the whole host is. */
const STRIKES = 3

interface Ban {
  readonly host: string
  readonly names: ReadonlyArray<string>
  /** 1 for a peer not known before, 0 for another name of a banned one, or for a host. */
  readonly strikes: 0 | 1
}

/**
 * Who is not to be spoken with. A peer goes by two names: host and port, and host and peer id; the port of an accepted
 * connection says nothing, so there the second must do. A peer id alone bans nobody: it can be borrowed from an honest
 * peer.
 *
 * A host that changes ports or ids is banned whole at the third of them; not so a loopback address, behind which there
 * may be many peers.
 *
 * Mutable, for one owner; written only through the functions of this file.
 */
export interface Bans {
  readonly limit: number
  /** Oldest first. */
  readonly all: Set<Ban>
  readonly names: Set<string>
  readonly strikes: Map<string, number>
}

export interface BannedPeer {
  readonly host: string
  readonly port: number
  readonly peerId?: Uint8Array | undefined
  readonly direction: 'incoming' | 'outgoing'
}

/** Nobody banned yet; beyond `limit` bans the oldest are lifted. */
export const createBans = (limit = 3_000): Bans => ({
  limit,
  all: new Set(),
  names: new Set(),
  strikes: new Map(),
})

export const banPeer = (bans: Bans, peer: BannedPeer): void => {
  const { host, port, peerId, direction } = peer
  const names: string[] = []
  if (peerId !== undefined) names.push(idName(host, toHex(peerId)))
  if (direction === 'outgoing' || peerId === undefined) names.push(portName(host, port))
  const unknown = names.filter((name) => !bans.names.has(name))
  if (unknown.length === 0) return
  const strikes = unknown.length === names.length ? 1 : 0
  const count = (bans.strikes.get(host) ?? 0) + strikes
  if (count > 0) bans.strikes.set(host, count)
  add(bans, { host, names: unknown, strikes })
  if (count >= STRIKES && !isLoopback(host)) banHost(bans, host)
}

/** Bans every peer at the address. */
export const banHost = (bans: Bans, host: string): void => {
  if (!bans.names.has(host)) add(bans, { host, names: [host], strikes: 0 })
}

/** Whether to keep away from a peer; without `peerIdHex` (lower case), as far as its address tells. */
export const isBanned = (bans: Bans, host: string, port: number, peerIdHex?: string): boolean =>
  bans.names.has(host) ||
  bans.names.has(portName(host, port)) ||
  (peerIdHex !== undefined && bans.names.has(idName(host, peerIdHex)))

const portName = (host: string, port: number): string => `${host} ${String(port)}`
const idName = (host: string, peerIdHex: string): string => `${host} id ${peerIdHex}`

const isLoopback = (host: string): boolean => {
  const ip = parseIp(host)
  return O.isSome(ip) && ipScope(ip.value) === 'loopback'
}

const add = (bans: Bans, ban: Ban): void => {
  bans.all.add(ban)
  for (const name of ban.names) bans.names.add(name)
  for (const oldest of bans.all) {
    if (bans.all.size <= bans.limit) return
    lift(bans, oldest)
  }
}

const lift = (bans: Bans, ban: Ban): void => {
  bans.all.delete(ban)
  for (const name of ban.names) bans.names.delete(name)
  const left = (bans.strikes.get(ban.host) ?? 0) - ban.strikes
  if (left > 0) bans.strikes.set(ban.host, left)
  else bans.strikes.delete(ban.host)
}
