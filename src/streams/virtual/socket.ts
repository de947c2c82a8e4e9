import { Observable, Subject, type Subscriber, Subscription } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { PeerAddress, SocketError } from '../deps.js'
import { createByteQueue } from './byteQueue.js'
import { createDelayLine } from './delayLine.js'
import type { Endpoint, Route, Segment } from './endpoint.js'
import type { Sender } from './uplink.js'

/** What waits to be read, in order. */
type Inbound = Segment & { readonly _tag: 'Data' | 'Fin' }

/** Nobody may still need the bytes of a chunk once its emission has returned. */
const POISON = 0xaa

/**
 * One end of a connection: a sender behind a window and the host's uplink, a reader behind the host's downlink.
 *
 * @param onAccept - called when the other end has accepted.
 */
export const createSocket = (
  route: Route,
  remote: PeerAddress,
  onAccept: () => void = () => undefined,
): Endpoint => {
  const { clock, uplink, downlink } = route
  const outgoing = createByteQueue()
  const unread: Inbound[] = []
  const drain$ = new Subject<void>()
  const lifetime = new Subscription()
  let peer: Endpoint | undefined
  let reader: Subscriber<Either<SocketError, Uint8Array>> | undefined
  let failure: string | undefined
  let flushing: Subscription | undefined
  let stalled: Subscription | undefined
  let inFlight = 0
  /** The uplink holds bytes that have not left yet. */
  let isOnLine = false
  let isPaused = false
  let isReading = false
  let isDrainOwed = false
  let isEnding = false
  let hasSentFin = false
  let hasReadFin = false
  let isClosed = false

  const wire = createDelayLine<Segment>(
    clock,
    (segment) => {
      stalled?.unsubscribe()
      stalled = undefined
      peer?.receive(segment)
    },
    () => {
      if (!route.isCut()) return false
      if (isClosed) return true
      stalled ??= clock.schedule(() => {
        fail('ETIMEDOUT')
      }, route.retransmitTimeoutMs)
      return true
    },
  )
  const accept = (segment: Inbound): void => {
    if (segment._tag === 'Data' && route.isLost()) {
      reset()
      return
    }
    unread.push(segment)
    read()
  }
  const inbox = createDelayLine(clock, accept)

  const send = (segment: Segment): void => {
    wire.push(segment, clock.now() + route.latencyMs())
  }

  const sender: Sender = {
    cut: (limit) => {
      const count = Math.min(route.chunkLength(limit), outgoing.size(), route.windowSize - inFlight)
      if (count <= 0) return undefined
      inFlight += count
      isOnLine = true
      return outgoing.take(count)
    },
    launch: (bytes) => {
      isOnLine = false
      send({ _tag: 'Data', bytes })
      if (outgoing.size() > 0) return
      if (isDrainOwed) {
        isDrainOwed = false
        drain$.next()
      }
      sendFinWhenEmpty()
    },
  }
  const sendFinWhenEmpty = (): void => {
    if (!isEnding || hasSentFin || isOnLine || outgoing.size() > 0 || isClosed) return
    hasSentFin = true
    send({ _tag: 'Fin' })
    closeWhenBothEnded()
  }
  const closeWhenBothEnded = (): void => {
    if (hasSentFin && hasReadFin) close()
  }
  const end = (): void => {
    isEnding = true
    sendFinWhenEmpty()
  }

  const read = (): void => {
    if (isReading) return
    isReading = true
    while (reader !== undefined && !isPaused) {
      const segment = unread.shift()
      if (segment === undefined) break
      if (segment._tag === 'Data') {
        reader.next(E.right(segment.bytes))
        segment.bytes.fill(POISON)
        if (!isClosed) send({ _tag: 'Ack', count: segment.bytes.length })
      } else {
        hasReadFin = true
        reader.complete()
        end()
        closeWhenBothEnded()
      }
    }
    isReading = false
  }
  /** Reading starts on a turn of the clock, never inside `resume` or `subscribe`. */
  const readSoon = (): void => {
    flushing ??= clock.schedule(() => {
      flushing = undefined
      read()
    })
  }

  const close = (): void => {
    if (isClosed) return
    isClosed = true
    uplink.withdraw(sender)
    flushing?.unsubscribe()
    stalled?.unsubscribe()
    inbox.clear()
    outgoing.clear()
    unread.length = 0
    reader?.complete()
    drain$.complete()
    lifetime.unsubscribe()
    if (peer?.lifetime.closed === true) {
      wire.clear()
      peer.abandon()
    }
  }
  const fail = (code: string): void => {
    if (isClosed) return
    failure = code
    reader?.next(E.left({ _tag: 'SocketError', code }))
    close()
  }
  const reset = (): void => {
    peer?.fail('ECONNRESET')
    fail('ECONNRESET')
  }

  const chunk$ = new Observable<Either<SocketError, Uint8Array>>((subscriber) => {
    if (reader !== undefined) {
      subscriber.error(new Error('a socket has one reader'))
      return
    }
    if (isClosed || hasReadFin) {
      if (failure !== undefined) subscriber.next(E.left({ _tag: 'SocketError', code: failure }))
      subscriber.complete()
      return
    }
    reader = subscriber
    subscriber.add(() => {
      reader = undefined
    })
    readSoon()
  })

  return {
    lifetime,
    failure: () => failure,
    attach: (other) => {
      peer = other
    },
    send,
    fail,
    reset,
    retry: wire.retry,
    abandon: wire.clear,
    receive: (segment) => {
      if (isClosed) {
        if (segment._tag === 'Data') send({ _tag: 'Reset' })
      } else if (segment._tag === 'Accept') {
        onAccept()
      } else if (segment._tag === 'Reset') {
        fail('ECONNRESET')
      } else if (segment._tag === 'Ack') {
        inFlight -= segment.count
        uplink.offer(sender)
      } else {
        const at = segment._tag === 'Data' ? downlink.book(segment.bytes.length) : clock.now()
        if (inbox.isEmpty() && at <= clock.now()) accept(segment)
        else inbox.push(segment, at)
      }
    },
    socket: {
      remote,
      chunk$,
      drain$: drain$.asObservable(),
      write: (buffers) => {
        if (isClosed || isEnding) return false
        for (const buffer of buffers) outgoing.push(buffer)
        uplink.offer(sender)
        if (outgoing.size() <= route.highWaterMark) return true
        isDrainOwed = true
        return false
      },
      pause: () => {
        isPaused = true
      },
      resume: () => {
        isPaused = false
        if (!isClosed) readSoon()
      },
      end,
      destroy: () => {
        if (isClosed) return
        if (!hasSentFin) send({ _tag: 'Fin' })
        close()
      },
    },
  }
}
