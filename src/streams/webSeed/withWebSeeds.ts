import { ignoreElements, map, Observable, timer } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import type { PeerSource } from '../../operators/peer/source.js'
import type { Clock, Network, PeerAddress, PeerSocket, SocketError, WebSeedClient } from '../deps.js'
import { webSeedSocket } from './webSeedSocket.js'
import type { WebSeedTarget } from './webSeedUrls.js'

/** One that was forgotten for its failures is known anew after so long, and so are the files that it lacked. */
const REMINDER_MS = 30 * 60_000

export interface WebSeeds {
  /** The web seeds of a torrent, as addresses. */
  readonly source: PeerSource
  /** Dials them as it dials peers. */
  readonly network: Network
}

/**
 * Makes the web seeds of a torrent (BEP 17, 19) peers of it. Their addresses name them without their URL, which may hold
 * what is nobody else's business: `webseed://HOST/NUMBER`.
 */
export const withWebSeeds = (
  network: Network,
  client: WebSeedClient,
  {
    metainfo,
    infohash,
    clock,
  }: { readonly metainfo: Metainfo; readonly infohash: Uint8Array; readonly clock: Clock },
): WebSeeds => {
  const lacking = new Map<WebSeedTarget, Set<number>>()
  const targets: ReadonlyArray<WebSeedTarget> = [
    ...metainfo.webSeeds.map((url): WebSeedTarget => ({ _tag: 'Files', url })),
    ...metainfo.httpSeeds.map((url): WebSeedTarget => ({ _tag: 'Pieces', url })),
  ]
  const byHost = new Map(targets.map((target, index) => [addressOf(target, index).host, target]))
  const addresses = targets.map(addressOf)

  const lackingOf = (target: WebSeedTarget): Set<number> => {
    const known = lacking.get(target) ?? new Set<number>()
    lacking.set(target, known)
    return known
  }
  const connect = (target: WebSeedTarget, remote: PeerAddress): Observable<Either<SocketError, PeerSocket>> =>
    new Observable((subscriber) => {
      const socket = webSeedSocket({
        metainfo,
        infohash,
        target,
        remote,
        connection: client.open(),
        clock,
        lacking: lackingOf(target),
      })
      subscriber.next(E.right(socket))
      subscriber.add(socket.drain$.pipe(ignoreElements()).subscribe(subscriber))
      return () => {
        socket.destroy()
      }
    })

  return {
    source: {
      name: 'webSeed',
      isPublic: false,
      find: () =>
        timer(0, REMINDER_MS, clock).pipe(
          map(() => {
            lacking.clear()
            return addresses
          }),
        ),
    },
    network: {
      ...network,
      connect: (address, how) => {
        const target = byHost.get(address.host)
        return target === undefined ? network.connect(address, how) : connect(target, address)
      },
    },
  }
}

const addressOf = ({ url }: WebSeedTarget, index: number): PeerAddress => {
  const { hostname, port, protocol } = new URL(url)
  return {
    host: `webseed://${hostname}/${String(index + 1)}`,
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  }
}
