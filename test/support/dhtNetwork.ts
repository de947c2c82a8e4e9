import type { Subscription } from 'rxjs'
import * as O from '#fp/Option'
import type { PeerAddress } from '../../src/codecs/peerAddress.js'
import type { DhtEvent } from '../../src/operators/dht/event.js'
import type { DhtConfig } from '../../src/operators/dht/model.js'
import type { DhtNotice } from '../../src/operators/dht/notice.js'
import type { DhtState } from '../../src/operators/dht/state.js'
import { createDht, type Dht } from '../../src/streams/dht/dht.js'
import type { DhtDeps } from '../../src/streams/dht/dhtDeps.js'
import type { DhtOptions } from '../../src/streams/dht/dhtOptions.js'
import { createVirtualClock, type VirtualClock } from '../../src/streams/virtual/clock.js'
import {
  createVirtualDatagrams,
  type VirtualDatagrams,
  type VirtualDatagramsOptions,
} from '../../src/streams/virtual/datagrams.js'
import { createVirtualRandom } from '../../src/streams/virtual/random.js'
import { rethrow } from './rethrow.js'

/** A node of a simulated network, and all that it told. */
export interface VirtualDht {
  readonly dht: Dht
  readonly address: PeerAddress
  readonly subscription: Subscription
  readonly notices: ReadonlyArray<DhtNotice>
  /** What its fold saw; empty where it is not recorded. */
  readonly log: ReadonlyArray<DhtEvent>
  readonly config: () => DhtConfig | undefined
  readonly state: () => DhtState
}

export interface DhtNetworkOptions {
  readonly seed: number
  readonly datagrams?: Omit<VirtualDatagramsOptions, 'clock' | 'seed'>
}

export interface JoinOptions {
  readonly address: string
  /** An IPv6 address besides. */
  readonly address6?: string
  readonly options?: DhtOptions
  readonly deps?: Partial<DhtDeps>
  readonly isRecorded?: boolean
}

/** Nodes of the DHT in virtual time. */
export interface DhtNetwork {
  readonly clock: VirtualClock
  readonly datagrams: VirtualDatagrams
  readonly join: (options: JoinOptions) => VirtualDht
  /** So many nodes on addresses far from each other, who all begin at the first of them. */
  readonly populate: (count: number) => ReadonlyArray<VirtualDht>
}

const PORT = 6_881

export const createDhtNetwork = ({ seed, datagrams: network }: DhtNetworkOptions): DhtNetwork => {
  const clock = createVirtualClock()
  const datagrams = createVirtualDatagrams({ clock, seed, ...network })
  let joined = 0

  const join = ({ address, address6, options, deps, isRecorded = false }: JoinOptions): VirtualDht => {
    joined++
    const dht = createDht(
      {
        datagrams: datagrams.host(address6 === undefined ? [address] : [address, address6]),
        clock,
        random: createVirtualRandom(seed * 1_000 + joined),
        ...deps,
      },
      {
        addresses: [
          { family: 4, port: PORT },
          ...(address6 === undefined ? [] : [{ family: 6 as const, port: PORT }]),
        ],
        ...options,
      },
    )
    const notices: DhtNotice[] = []
    const log: DhtEvent[] = []
    let config: DhtConfig | undefined
    let state: DhtState | undefined
    const subscription = isRecorded
      ? dht.event$.subscribe({ next: (event) => log.push(event), error: rethrow })
      : dht.alert$.subscribe({ next: (notice) => notices.push(notice), error: rethrow })
    subscription.add(dht.config$.subscribe({ next: (next) => (config = next), error: rethrow }))
    if (isRecorded) {
      subscription.add(dht.alert$.subscribe({ next: (notice) => notices.push(notice), error: rethrow }))
    }
    subscription.add(dht.state$.subscribe({ next: (next) => (state = next), error: rethrow }))
    return {
      dht,
      address: { host: address, port: PORT },
      subscription,
      notices,
      log,
      config: () => config,
      state: () => {
        if (state === undefined) throw new Error('the node has not said anything')
        return state
      },
    }
  }

  return {
    clock,
    datagrams,
    join,
    populate: (count) => {
      const nodes: VirtualDht[] = []
      for (let i = 0; i < count; i++) {
        // One after the other, as they do.
        nodes.push(
          join({
            address: addressOf(i),
            options: { bootstrap: i === 0 ? [] : [{ host: addressOf(0), port: PORT }] },
          }),
        )
        clock.advanceBy(100)
      }
      return nodes
    },
  }
}

/** Each in a network of its own, all on the internet. */
const addressOf = (i: number): string => `${String(20 + (i % 50))}.${String(1 + Math.floor(i / 50))}.7.1`

/** Good nodes that it knows of its first address. */
export const goodOf = ({ state }: VirtualDht): number => state().homes[0]?.good ?? 0

export const isOpen = ({ state }: VirtualDht): boolean => state().homes.every(({ local }) => O.isSome(local))
