import { MAX_DHT_HOMES } from '../../codecs/limits.js'
import { DHT_LIMITS } from '../../operators/dht/limits.js'
import type { PeerAddress } from '../deps.js'
import type { DhtBinding } from './openPort.js'

export interface DhtOptions {
  /**
   * The addresses to be reached at, up to eight; each is a node of its own in one of the two networks (BEP 32, BEP 45).
   * Any of either family, on a port that is free, where absent.
   */
  readonly addresses?: ReadonlyArray<DhtBinding>
  /** Where to begin: names or addresses, up to 64. Without any, only nodes that are saved or added are known. */
  readonly bootstrap?: ReadonlyArray<PeerAddress>
  /** Asks, and answers nothing (BEP 43): for who cannot be reached, or soon leaves. */
  readonly readOnly?: boolean
}

export const DEFAULT_DHT_ADDRESSES: ReadonlyArray<DhtBinding> = [
  { family: 4, port: 0 },
  { family: 6, port: 0 },
]

/** Throws a `TypeError` that names the first option which makes no sense. */
export const refuseDhtMisuse = ({ addresses = DEFAULT_DHT_ADDRESSES, bootstrap = [] }: DhtOptions): void => {
  const problem =
    addresses.length === 0 || addresses.length > MAX_DHT_HOMES
      ? `a node has one to ${String(MAX_DHT_HOMES)} addresses`
      : bootstrap.length > DHT_LIMITS.bootstrapAddresses
        ? `more than ${String(DHT_LIMITS.bootstrapAddresses)} bootstrap nodes`
        : (portProblem(addresses, 0) ?? portProblem(bootstrap, 1))
  if (problem !== undefined) throw new TypeError(problem)
}

const portProblem = (named: ReadonlyArray<{ readonly port: number }>, least: number): string | undefined => {
  const wrong = named.find(({ port }) => !(Number.isInteger(port) && port >= least && port <= 0xffff))
  return wrong === undefined ? undefined : `${String(wrong.port)} is not a port`
}
