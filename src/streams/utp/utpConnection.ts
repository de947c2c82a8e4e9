import { Observable, Subject, type Subscriber } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { UtpPacket } from '../../codecs/utp/utpPacket.js'
import type { UtpEffect } from '../../operators/utp/effect.js'
import type { UtpEvent } from '../../operators/utp/event.js'
import { hasEnded, readUtp } from '../../operators/utp/inbox.js'
import type { UtpModel } from '../../operators/utp/model.js'
import { utpDeadline, utpTurn } from '../../operators/utp/turn.js'
import type { Clock, PeerAddress, PeerSocket, SocketError } from '../deps.js'

/** A connection as its port sees it. */
export interface UtpConnection {
  readonly socket: PeerSocket
  readonly model: UtpModel
  readonly dial: () => void
  readonly receive: (packet: UtpPacket) => void
  readonly tick: () => void
  /** When it is to be ticked. */
  readonly deadline: () => number
}

export interface UtpConnectionOptions {
  readonly model: UtpModel
  readonly remote: PeerAddress
  readonly clock: Clock
  readonly send: (bytes: Uint8Array) => void
  /** After each event; what `deadline` answers may be another. */
  readonly onTurn: () => void
  readonly onConnected: () => void
  /** The last call. */
  readonly onClosed: (code: string | undefined) => void
}

/** Runs the fold of a connection, and shows it as a `PeerSocket`. */
export const createUtpConnection = (options: UtpConnectionOptions): UtpConnection => {
  const { model, clock } = options
  const drained$ = new Subject<void>()
  let reader: Subscriber<Either<SocketError, Uint8Array>> | undefined
  let isPaused = false
  let isClosed = false
  let isDelivering = false
  let isDestroyed = false
  let failure: SocketError | undefined

  const run = (event: UtpEvent): void => {
    for (const effect of utpTurn(model, event)) perform(effect)
    deliver()
    if (!isClosed) options.onTurn()
  }

  const perform = (effect: UtpEffect): void => {
    switch (effect._tag) {
      case 'Send':
        options.send(effect.bytes)
        return
      case 'Connected':
        options.onConnected()
        return
      case 'Drained':
        drained$.next()
        return
      case 'Closed':
        isClosed = true
        if (effect.code !== undefined) failure = { _tag: 'SocketError', code: effect.code }
        settle()
        drained$.complete()
        options.onClosed(effect.code)
    }
  }

  /** Tells the reader of the end, once it has read all there was before. */
  const settle = (): void => {
    const told = reader
    if (told === undefined) return
    const isOver = (isClosed || hasEnded(model)) && model.readyBytes === 0
    if (failure !== undefined) told.next(E.left(failure))
    if (isOver || isDestroyed || failure !== undefined) told.complete()
  }

  /** Hands on what has come, for as long as somebody takes it. */
  const deliver = (): void => {
    if (isDelivering) return
    isDelivering = true
    let hasRead = false
    while (reader !== undefined && !isPaused) {
      const bytes = readUtp(model)
      if (bytes === undefined) break
      hasRead = true
      reader.next(E.right(bytes))
    }
    isDelivering = false
    settle()
    if (hasRead && !isClosed) for (const effect of utpTurn(model, wasRead())) perform(effect)
  }

  const wasRead = (): UtpEvent => ({ _tag: 'WasRead', at: clock.now() })

  return {
    model,
    dial: () => {
      run({ _tag: 'Dial', at: clock.now() })
    },
    receive: (packet) => {
      run({ _tag: 'Received', at: clock.now(), packet })
    },
    tick: () => {
      run({ _tag: 'Tick', at: clock.now() })
    },
    deadline: () => utpDeadline(model),
    socket: {
      remote: options.remote,
      chunk$: new Observable((subscriber) => {
        reader = subscriber
        subscriber.add(() => {
          if (reader === subscriber) reader = undefined
        })
        deliver()
      }),
      drain$: drained$.asObservable(),
      write: (buffers) => {
        if (isClosed || model.isEnding) return false
        run({ _tag: 'Write', at: clock.now(), buffers })
        return !model.owesDrain
      },
      pause: () => {
        isPaused = true
      },
      resume: () => {
        isPaused = false
        deliver()
      },
      end: () => {
        run({ _tag: 'End', at: clock.now() })
      },
      destroy: () => {
        isDestroyed = true
        run({ _tag: 'Abandon', at: clock.now() })
      },
    },
  }
}
