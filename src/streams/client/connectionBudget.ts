import { defer, filter, finalize, map, type Observable, of } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { incomingReserve } from '../../operators/session/connectionLimits.js'
import { NO_BUDGET } from '../../operators/session/limits.js'
import type { ListenEvent, Network, PeerSocket, SocketError } from '../deps.js'

/** How many connections all sessions may have together. */
export interface ConnectionBudget {
  /**
   * The network within the budget: a dial beyond it is not made and answers `EBUDGET`; an incoming connection is closed
   * when, with a small reserve for those who find us, there is no room for it either.
   */
  readonly over: (network: Network) => Network
  /** Connections open or being made. */
  readonly used: () => number
}

export const connectionBudget = (limit: number): ConnectionBudget => {
  let used = 0

  /** Takes one; the answer gives it back, once. Undefined where none is left. */
  const take = (most: number): (() => void) | undefined => {
    if (used >= most) return undefined
    used++
    let isHeld = true
    return () => {
      if (isHeld) used--
      isHeld = false
    }
  }

  const connect =
    (network: Network): Network['connect'] =>
    (address) =>
      defer((): Observable<Either<SocketError, PeerSocket>> => {
        const giveBack = take(limit)
        return giveBack === undefined
          ? of(E.left<SocketError>({ _tag: 'SocketError', code: NO_BUDGET }))
          : network.connect(address).pipe(finalize(giveBack))
      })

  const admit = (event: Either<SocketError, ListenEvent>): Either<SocketError, ListenEvent> | undefined => {
    if (E.isLeft(event) || event.right._tag !== 'Accepted') return event
    const { socket } = event.right
    const giveBack = take(limit + incomingReserve(limit))
    if (giveBack !== undefined) return E.right({ _tag: 'Accepted', socket: held(socket, giveBack) })
    socket.destroy()
    return undefined
  }

  return {
    over: (network) => ({
      connect: connect(network),
      listen: (options) =>
        network.listen(options).pipe(
          map(admit),
          filter((event) => event !== undefined),
        ),
    }),
    used: () => used,
  }
}

/** The socket, giving its place back when it is no longer read or is destroyed. */
const held = (socket: PeerSocket, giveBack: () => void): PeerSocket => ({
  ...socket,
  chunk$: socket.chunk$.pipe(finalize(giveBack)),
  destroy: () => {
    giveBack()
    socket.destroy()
  },
})
