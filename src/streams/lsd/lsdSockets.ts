import { Subscription } from 'rxjs'
import * as E from '#fp/Either'
import { LSD_GROUPS, LSD_PORT } from '../../codecs/lsd.js'
import { failAsEvent } from '../../operators/rx/failAsEvent.js'
import type { Datagram, DatagramSocket } from '../deps.js'
import type { LsdDeps, LsdInterface } from './lsdDeps.js'

/** Interfaces used at most: of each the system keeps a socket. */
const MAX_INTERFACES = 32

export interface LsdSockets {
  /** Opens sockets on interfaces that are new or failed before, and closes those on interfaces that have gone. */
  readonly refresh: () => void
  /** Whether none is being opened. */
  readonly isSettled: () => boolean
  /** Sends to the group, from every interface; false where there is none. */
  readonly send: (bytesFor: (family: 4 | 6) => Uint8Array) => boolean
  readonly close: () => void
}

export interface LsdSocketsListener {
  readonly onDatagram: (datagram: Datagram) => void
  /** One that could not be opened, or was closed by the system: once, until it works or fails in another way. */
  readonly onFailure: (where: LsdInterface, code: string) => void
  /** Nothing is being opened any more. */
  readonly onSettled: () => void
}

interface Place extends LsdInterface {
  readonly subscription: Subscription
  socket: DatagramSocket | undefined
}

/** The sockets of local discovery: one for each interface and family. */
export const lsdSockets = (
  { datagrams, interfaces = () => [{ family: 4 }, { family: 6 }] }: LsdDeps,
  { onDatagram, onFailure, onSettled }: LsdSocketsListener,
): LsdSockets => {
  const places = new Map<string, Place>()
  const failures = new Map<string, string>()
  let opening = 0

  const open = (key: string, where: LsdInterface): void => {
    const place: Place = { ...where, subscription: new Subscription(), socket: undefined }
    let isOpening = true
    opening += 1
    const answered = (): void => {
      if (!isOpening) return
      isOpening = false
      opening -= 1
      if (opening === 0) onSettled()
    }
    const fail = (code: string): void => {
      if (places.get(key) === place) places.delete(key)
      place.subscription.unsubscribe()
      if (failures.get(key) !== code) onFailure(where, code)
      failures.set(key, code)
      answered()
    }
    const listen = ({ datagram$ }: DatagramSocket): Subscription =>
      datagram$.subscribe({
        next: onDatagram,
        error: () => {
          fail('EUNEXPECTED')
        },
      })
    places.set(key, place)
    // Closed while it is being opened: nobody waits for it any more.
    place.subscription.add(() => {
      if (!isOpening) return
      isOpening = false
      opening -= 1
    })
    const { family, interface: name } = where
    place.subscription.add(
      datagrams
        .bind({
          port: LSD_PORT,
          family,
          multicast: { group: LSD_GROUPS[family], ...(name === undefined ? {} : { interface: name }) },
        })
        .pipe(failAsEvent(() => E.left({ _tag: 'SocketError', code: 'EUNEXPECTED' } as const)))
        .subscribe({
          next: (bound) => {
            if (E.isLeft(bound)) {
              fail(bound.left.code)
              return
            }
            place.socket = bound.right
            failures.delete(key)
            place.subscription.add(listen(bound.right))
            answered()
          },
          error: () => {
            fail('EUNEXPECTED')
          },
          complete: () => {
            if (!place.subscription.closed) fail('CLOSED')
          },
        }),
    )
  }

  return {
    refresh: () => {
      const wanted = new Map(
        interfaces()
          .slice(0, MAX_INTERFACES)
          .map((where) => [keyOf(where), where]),
      )
      for (const [key, { subscription }] of [...places]) {
        if (wanted.has(key)) continue
        places.delete(key)
        subscription.unsubscribe()
      }
      for (const [key, where] of wanted) if (!places.has(key)) open(key, where)
    },
    isSettled: () => opening === 0,
    send: (bytesFor) => {
      let isSent = false
      for (const { family, socket } of places.values()) {
        socket?.send(bytesFor(family), { host: LSD_GROUPS[family], port: LSD_PORT })
        isSent ||= socket !== undefined
      }
      return isSent
    },
    close: () => {
      for (const { subscription } of places.values()) subscription.unsubscribe()
      places.clear()
      failures.clear()
    },
  }
}

const keyOf = ({ family, interface: name = '' }: LsdInterface): string => `${String(family)} ${name}`
