import { map } from 'rxjs'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { PeerAddress } from '../../../src/codecs/peerAddress.js'
import type { DhtState } from '../../../src/operators/dht/state.js'
import type { Datagrams } from '../../../src/streams/deps.js'
import type { Dht } from '../../../src/streams/dht/dht.js'
import { nodeDatagrams } from '../../../src/streams/node/datagrams.js'
import { dht } from '../../../src/streams/node/nodeDht.js'
import { rethrow } from '../../support/rethrow.js'
import type { Lab } from './lab.js'
import { until } from './until.js'

/** A node of ours on loopback. */
export interface OwnNode {
  readonly dht: Dht
  readonly address: PeerAddress
  /** Nodes that it knows to answer. */
  readonly good: () => number
  /** Of searches and of its own. */
  readonly queriesSent: () => number
}

/** UDP, with an eye on what is sent. */
const counting = (look: (bytes: Uint8Array) => void): Datagrams => {
  const { bind } = nodeDatagrams()
  return {
    bind: (options) =>
      bind(options).pipe(
        map(
          E.map((socket) => ({
            ...socket,
            send: (bytes, to) => {
              look(bytes)
              socket.send(bytes, to)
            },
          })),
        ),
      ),
  }
}

const isQuery = (bytes: Uint8Array): boolean => Buffer.from(bytes).includes('1:y1:q')

/** Starts a node of ours on an address of this machine; it ends with the lab. */
export const ownNode = async (
  lab: Lab,
  host: string,
  bootstrap: ReadonlyArray<PeerAddress>,
  { readOnly = false }: { readonly readOnly?: boolean } = {},
): Promise<OwnNode> => {
  let queries = 0
  const node = dht({
    addresses: [{ family: 4, port: 0, host }],
    bootstrap,
    readOnly,
    deps: { datagrams: counting((bytes) => (queries += isQuery(bytes) ? 1 : 0)) },
  })
  let state: DhtState | undefined
  const subscription = node.state$.subscribe({
    next: (next) => (state = next),
    error: rethrow,
  })
  lab.defer(() => {
    subscription.unsubscribe()
  })
  const portOf = (): number | undefined => {
    const local = state?.homes[0]?.local
    return local !== undefined && O.isSome(local) ? local.value.port : undefined
  }
  await until(() => portOf() !== undefined, { what: `a port at ${host}` })
  return {
    dht: node,
    address: { host, port: portOf() ?? 0 },
    good: () => state?.homes[0]?.good ?? 0,
    queriesSent: () => queries,
  }
}

/** So many nodes of ours, each on a loopback address of its own, all of them in one network. */
export const ownNetwork = async (
  lab: Lab,
  count: number,
  more: ReadonlyArray<PeerAddress> = [],
): Promise<ReadonlyArray<OwnNode>> => {
  const nodes: OwnNode[] = []
  for (let i = 0; i < count; i++) {
    const host = `127.0.${String(7 + (i >> 7))}.${String(1 + (i & 127))}`
    // Not all at the first: it gives answers sparingly.
    const known = [...nodes.slice(0, 1), ...nodes.slice(-1)].map(({ address }) => address)
    nodes.push(await ownNode(lab, host, [...more, ...known]))
  }
  const isIn = ({ good }: OwnNode): boolean => good() >= Math.min(8, count - 1)
  await until(() => nodes.every(isIn), { what: 'all nodes in the network', seconds: 60 })
  return nodes
}
