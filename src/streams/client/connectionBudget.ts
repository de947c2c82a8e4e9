import { defer, finalize, type Observable, of } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { incomingReserve } from '../../operators/session/connectionLimits.js'
import { NO_BUDGET } from '../../operators/session/limits.js'
import type { Network, PeerSocket, SocketError } from '../deps.js'

/** How many connections all sessions may have together. */
export interface ConnectionBudget {
  /** Dials within the budget; beyond it nothing is dialled, and the answer is `EBUDGET`. */
  readonly connect: Network['connect']
  /**
   * The incoming connection, counted until it is no longer read or is destroyed. One for which there is no room, nor any
   * in a small reserve for those who find us, is closed: undefined.
   */
  readonly admit: (socket: PeerSocket) => PeerSocket | undefined
}

export const connectionBudget = (limit: number, connect: Network['connect']): ConnectionBudget => {
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

  return {
    connect: (address, how) =>
      defer((): Observable<Either<SocketError, PeerSocket>> => {
        const giveBack = take(limit)
        return giveBack === undefined
          ? of(E.left<SocketError>({ _tag: 'SocketError', code: NO_BUDGET }))
          : connect(address, how).pipe(finalize(giveBack))
      }),
    admit: (socket) => {
      const giveBack = take(limit + incomingReserve(limit))
      if (giveBack === undefined) {
        socket.destroy()
        return undefined
      }
      // Once it is `settled`, the end of its reading alone gives back.
      return {
        ...socket,
        chunk$: socket.chunk$.pipe(finalize(giveBack)),
        destroy: () => {
          giveBack()
          socket.destroy()
        },
      }
    },
  }
}
