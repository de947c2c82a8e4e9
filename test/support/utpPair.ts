import { map, merge, mergeMap, type Observable, of, Subscription, timer } from 'rxjs'
import * as E from '#fp/Either'
import { concatBytes } from '../../src/codecs/bytes.js'
import { createPrng } from '../../src/operators/random.js'
import type { Clock, Datagram, Datagrams, PeerSocket, Random } from '../../src/streams/deps.js'
import { utpNetwork } from '../../src/streams/utp/utpNetwork.js'
import {
  createVirtualClock,
  createVirtualDatagrams,
  createVirtualRandom,
  type VirtualClock,
  type VirtualDatagrams,
} from '../../src/streams/virtual/index.js'

export interface UtpLink {
  readonly seed?: number
  readonly latencyMs?: number
  /** Datagrams overtake each other. */
  readonly jitterMs?: number
  readonly lossChance?: number
  /** Chance that a datagram comes twice. */
  readonly twiceChance?: number
  readonly isCut?: () => boolean
  readonly random?: Random
  /** What becomes of a datagram on its way; as it is unless given. */
  readonly tamper?: (bytes: Uint8Array) => Uint8Array
}

/** What one end has seen of its socket. */
export interface UtpEnd {
  readonly socket: () => PeerSocket
  /** What came, in order. */
  readonly received: () => Uint8Array
  readonly receivedBytes: () => number
  readonly log: string[]
}

export interface UtpPair {
  readonly clock: VirtualClock
  readonly datagrams: VirtualDatagrams
  /** Who dialled. */
  readonly near: UtpEnd
  readonly far: UtpEnd
  readonly release: () => void
}

export const FAR = { host: '10.0.0.2', port: 6881 } as const
export const NEAR_HOST = '10.0.0.1'

/** Two hosts with uTP over a link in virtual time; `near` dials `far`, and what comes of it shows as the clock goes on. */
export const utpPair = (link: UtpLink = {}): UtpPair => {
  const { seed = 1, latencyMs = 20, jitterMs = 0, lossChance = 0 } = link
  const clock = createVirtualClock()
  const datagrams = createVirtualDatagrams({
    clock,
    seed,
    latencyMs,
    jitterMs,
    lossChance,
    ...(link.isCut === undefined ? {} : { isCut: link.isCut }),
  })
  const random = link.random ?? createVirtualRandom(seed)
  const network = (host: string): ReturnType<typeof utpNetwork> =>
    utpNetwork({ datagrams: altered(datagrams.host([host]), clock, link), clock, random })
  const running = new Subscription()
  const near = createEnd()
  const far = createEnd()
  running.add(
    network(FAR.host)
      .listen({ port: FAR.port })
      .subscribe({
        next: (event) => {
          if (E.isLeft(event)) far.log.push(event.left.code)
          else if (event.right._tag === 'Accepted') far.open(event.right.socket)
        },
        error: far.fail,
      }),
  )
  running.add(
    network(NEAR_HOST)
      .connect(FAR)
      .subscribe({
        next: (connected) => {
          if (E.isLeft(connected)) near.log.push(connected.left.code)
          else near.open(connected.right)
        },
        error: near.fail,
        complete: () => near.log.push('closed'),
      }),
  )
  return {
    clock,
    datagrams,
    near,
    far,
    release: () => {
      running.unsubscribe()
    },
  }
}

const createEnd = (): UtpEnd & {
  readonly open: (socket: PeerSocket) => void
  readonly fail: (thrown: unknown) => void
} => {
  const chunks: Uint8Array[] = []
  let receivedBytes = 0
  const log: string[] = []
  let socket: PeerSocket | undefined
  return {
    received: () => concatBytes(chunks),
    receivedBytes: () => receivedBytes,
    log,
    socket: () => {
      if (socket === undefined) throw new Error('not connected')
      return socket
    },
    open: (opened) => {
      socket = opened
      log.push('open')
      opened.chunk$.subscribe({
        next: (chunk) => {
          if (E.isLeft(chunk)) {
            log.push(chunk.left.code)
            return
          }
          chunks.push(chunk.right.slice())
          receivedBytes += chunk.right.length
        },
        error: (thrown: unknown) => log.push(String(thrown)),
        complete: () => log.push('end'),
      })
    },
    fail: (thrown) => {
      log.push(String(thrown))
    },
  }
}

/** Datagrams that come twice, or not as they were sent. */
const altered = (datagrams: Datagrams, clock: Clock, link: UtpLink): Datagrams => {
  const { seed = 1, twiceChance = 0, tamper = identity } = link
  const prng = createPrng(seed)
  const twice = (datagram: Datagram): Observable<Datagram> =>
    prng.next() < twiceChance
      ? merge(of(datagram), timer(AGAIN_MS, clock).pipe(map(() => ({ ...datagram }))))
      : of(datagram)
  return {
    bind: (options) =>
      datagrams.bind(options).pipe(
        map(
          E.map((socket) => ({
            ...socket,
            datagram$: socket.datagram$.pipe(
              map(({ from, bytes }) => ({ from, bytes: tamper(bytes) })),
              mergeMap(twice),
            ),
          })),
        ),
      ),
  }
}

const AGAIN_MS = 10

const identity = (bytes: Uint8Array): Uint8Array => bytes
