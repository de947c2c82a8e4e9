import { Observable, Subject, Subscription } from 'rxjs'
import * as E from '#fp/Either'
import { toHex } from '../../codecs/bytes.js'
import { decodeLsd } from '../../codecs/lsd.js'
import type { Datagram, PeerAddress } from '../deps.js'
import { announceRound, type LsdTorrent } from './announceRound.js'
import type { LsdDeps } from './lsdDeps.js'
import type { LsdNotice } from './lsdNotice.js'
import { lsdSockets } from './lsdSockets.js'
import { createPeerLimit } from './peerLimit.js'

/** Local discovery (BEP 14): one for a program, whatever the number of its torrents. */
export interface Lsd {
  /**
   * Makes it known on the local network, over IPv4 and IPv6, that this torrent is to be had at the port that `port$` said
   * last: at once, and every five minutes; never more than once a minute. Emits who else says so. The peers are what
   * strangers say: their number is bounded, that they are peers is not sure.
   *
   * Cold; never completes, never errors. The first subscription of all opens the sockets, the end of the last one closes
   * them. Never for a private torrent (BEP 27): `lsdSource` sees to that.
   */
  readonly find: (infohash: Uint8Array, port$: Observable<number>) => Observable<ReadonlyArray<PeerAddress>>
  /** No replay. */
  readonly alert$: Observable<LsdNotice>
}

/** Datagrams read in a second, all in all; what comes beyond is dropped unread. */
const MAX_DATAGRAMS_PER_SECOND = 500

interface Member extends LsdTorrent {
  readonly tell: (peer: PeerAddress) => void
}

/**
 * Local discovery over the given world.
 *
 * @example
 * ```ts
 * const lsd = createLsd({ datagrams, clock, random })
 * const torrent = createSession(metainfo, deps, { sources: [lsdSource(lsd)] })
 * lsd.alert$.subscribe(({ family, code }) => console.log(`not over IPv${family}: ${code}`))
 * ```
 */
export const createLsd = (deps: LsdDeps): Lsd => {
  const { clock } = deps
  /** Told from every other program's, with nothing in it about us. */
  const cookie = toHex(deps.random.bytes(8))
  const alert$ = new Subject<LsdNotice>()
  const members = new Map<string, Set<Member>>()
  const round = announceRound(clock, cookie)
  let timer = Subscription.EMPTY
  let second = -Infinity
  let heardInSecond = 0

  const everybody = (): ReadonlyArray<Member> => [...members.values()].flatMap((those) => [...those])

  const sockets = lsdSockets(deps, {
    onDatagram: (datagram) => {
      hear(datagram)
    },
    onFailure: (where, code) => {
      alert$.next({ ...where, _tag: 'LsdUnavailable', at: clock.now(), code })
    },
    onSettled: () => {
      announce()
    },
  })

  const hear = ({ from, bytes }: Datagram): void => {
    const now = clock.now()
    if (now - second >= 1_000) {
      second = now
      heardInSecond = 0
    }
    heardInSecond += 1
    if (heardInSecond > MAX_DATAGRAMS_PER_SECOND) return
    const decoded = decodeLsd(bytes)
    if (E.isLeft(decoded) || decoded.right.cookie === cookie) return
    const { infohashes, port } = decoded.right
    for (const infohash of infohashes) {
      for (const member of [...(members.get(toHex(infohash)) ?? [])]) member.tell({ host: from.host, port })
    }
  }

  const announce = (): void => {
    if (members.size === 0) return
    for (const told of round.take(everybody())) {
      if (sockets.send((family) => told.datagram(family))) told.done()
    }
    plan()
  }

  /** The next announce, when one is due. */
  const plan = (): void => {
    timer.unsubscribe()
    const inMs = round.nextIn(everybody())
    if (inMs === Infinity) return
    timer = clock.schedule(() => {
      sockets.refresh()
      if (sockets.isSettled()) announce()
    }, inMs)
  }

  const leave = (member: Member): void => {
    const those = members.get(member.key)
    those?.delete(member)
    if (those?.size === 0) members.delete(member.key)
    if (members.size > 0) return
    timer.unsubscribe()
    sockets.close()
  }

  return {
    find: (infohash, port$) =>
      new Observable((subscriber) => {
        const isWelcome = createPeerLimit()
        const member: Member = {
          ...round.begin(infohash),
          tell: (peer) => {
            if (isWelcome(peer, clock.now())) subscriber.next([peer])
          },
        }
        const those = members.get(member.key) ?? new Set()
        const isFirst = members.size === 0
        members.set(member.key, those.add(member))
        subscriber.add(() => {
          leave(member)
        })
        // What is heard before we have a port is of use too.
        if (isFirst) sockets.refresh()
        subscriber.add(
          port$.subscribe({
            next: (port) => {
              if (port === member.port) return
              member.port = port
              member.dueAt = clock.now()
              plan()
            },
            error: (thrown: unknown) => {
              subscriber.error(thrown)
            },
          }),
        )
      }),
    alert$: alert$.asObservable(),
  }
}
