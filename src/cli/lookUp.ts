import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { defer, from, mergeMap, of, reduce, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { PeerAddress } from '../index.js'
import { plainText } from './format/plainText.js'
import { formatPeer, type PeerArgument } from './peerArgument.js'

const AT_ONCE = 8

export interface LookedUp {
  readonly peers: ReadonlyArray<PeerAddress>
  /** What could not be found, a line each. */
  readonly failures: ReadonlyArray<string>
}

/** Looks the names among the peers up. Emits once and completes. */
export const lookUpAll = (peers: ReadonlyArray<PeerArgument>): Observable<LookedUp> =>
  from(peers).pipe(
    mergeMap(lookUp, AT_ONCE),
    reduce<Either<string, PeerAddress>, LookedUp>(
      ({ peers, failures }, answer) =>
        E.isRight(answer)
          ? { peers: [...peers, answer.right], failures }
          : { peers, failures: [...failures, answer.left] },
      { peers: [], failures: [] },
    ),
  )

const lookUp = (peer: PeerArgument): Observable<Either<string, PeerAddress>> =>
  isIP(peer.host) !== 0 ? of(E.right(peer)) : defer(() => from(resolve(peer)))

const resolve = async (peer: PeerArgument): Promise<Either<string, PeerAddress>> => {
  try {
    const { address } = await lookup(peer.host)
    return E.right({ host: address, port: peer.port })
  } catch {
    return E.left(`peer ${plainText(formatPeer(peer))}: no such host`)
  }
}
