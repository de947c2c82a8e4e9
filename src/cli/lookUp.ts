import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { defer, from, map, mergeMap, of, toArray, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { type PeerAddress, showAddress } from '../index.js'
import { plainText } from './format/plainText.js'
import type { PeerArgument } from './peerArgument.js'
import type { PeerNames } from './progress/namedPeers.js'

const AT_ONCE = 8

export interface LookedUp {
  readonly peers: ReadonlyArray<PeerAddress>
  /** As they were named, by their address. */
  readonly names: PeerNames
  /** What could not be found, a line each. */
  readonly failures: ReadonlyArray<string>
}

/** Looks the names among the peers up. Emits once and completes. */
export const lookUpAll = (peers: ReadonlyArray<PeerArgument>): Observable<LookedUp> =>
  from(peers).pipe(
    mergeMap((peer) => lookUp(peer).pipe(map((answer) => ({ peer, answer }))), AT_ONCE),
    toArray(),
    map((found) => ({
      peers: found.flatMap(({ answer }) => (E.isRight(answer) ? [answer.right] : [])),
      names: new Map(
        found.flatMap(({ peer, answer }) =>
          E.isRight(answer) ? [[showAddress(answer.right), showAddress(peer)] as const] : [],
        ),
      ),
      failures: found.flatMap(({ answer }) => (E.isLeft(answer) ? [answer.left] : [])),
    })),
  )

const lookUp = (peer: PeerArgument): Observable<Either<string, PeerAddress>> =>
  isIP(peer.host) !== 0 ? of(E.right(peer)) : defer(() => from(resolve(peer)))

const resolve = async (peer: PeerArgument): Promise<Either<string, PeerAddress>> => {
  try {
    const { address } = await lookup(peer.host)
    return E.right({ host: address, port: peer.port })
  } catch {
    return E.left(`peer ${plainText(showAddress(peer))}: no such host`)
  }
}
