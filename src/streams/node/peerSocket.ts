import type { Socket } from 'node:net'
import { Observable, Subject } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { PeerAddress, PeerSocket, SocketError } from '../deps.js'
import { readShare } from './readShare.js'
import { socketError } from './socketError.js'

/** Bytes queued in the socket from which on `write` asks to wait. */
const WRITE_HIGH_WATER_BYTES = 256 * 1024

/** A peer that neither takes what is queued nor closes is cut off this long after `end`. */
const END_TIMEOUT_MS = 5_000

/** Hands chunks to `next` from here on, until that answers false: then `resume` of the socket is to follow. */
export type ChunkSource = (next: (chunk: Uint8Array) => boolean) => void

/** A connected, paused `net.Socket` as a plain record. Listens for its errors from the first moment on. */
export const peerSocket = (socket: Socket, remote: PeerAddress, chunks: ChunkSource): PeerSocket => {
  /** Made for who listens: a peer's socket seldom fills. */
  let drained$: Subject<void> | undefined
  let failure: SocketError | undefined
  /** Tells who reads that there is no more. */
  let finish: (() => void) | undefined
  let isClosed = false
  let isPaused = false
  let isRead = false
  let isHeld = false
  let isEnding = false
  let owesDrain = false

  socket.on('error', (error) => {
    failure ??= socketError(error)
  })
  socket.on('close', () => {
    isClosed = true
    drained$?.complete()
    finish?.()
  })
  socket.on('end', () => finish?.())
  const flow = (): void => {
    if (isEnding || (isRead && !isPaused && !isHeld)) socket.resume()
    else socket.pause()
  }
  const mayReadOn = readShare(() => {
    isHeld = false
    flow()
  })

  return {
    remote,

    chunk$: new Observable<Either<SocketError, Uint8Array>>((subscriber) => {
      const tellEnd = (): void => {
        if (failure !== undefined) subscriber.next(E.left(failure))
        subscriber.complete()
      }
      if (isClosed) {
        tellEnd()
        return undefined
      }
      chunks((chunk) => {
        isHeld = !mayReadOn(chunk.length)
        subscriber.next(E.right(chunk))
        return !isHeld
      })
      finish = tellEnd
      isRead = true
      flow()
      return () => {
        finish = undefined
        isRead = false
        flow()
      }
    }),

    drain$: new Observable((subscriber) => {
      drained$ ??= new Subject()
      drained$.subscribe(subscriber)
      if (isClosed) drained$.complete()
    }),

    write: (buffers, onTaken) => {
      if (!socket.writable) return false
      // A cork is an errand of its own: none for what is one write anyway.
      if (buffers.length > 1) socket.cork()
      for (let i = 0; i < buffers.length; i++) {
        if (onTaken !== undefined && i === buffers.length - 1) socket.write(buffers[i]!, onTaken)
        else socket.write(buffers[i]!)
      }
      if (buffers.length > 1) socket.uncork()
      // Above Node's own mark too, so that `drain` is sure to follow.
      // It stays owed when a later, smaller write finds room.
      if (!owesDrain && socket.writableLength >= WRITE_HIGH_WATER_BYTES) {
        owesDrain = true
        socket.once('drain', () => {
          owesDrain = false
          drained$?.next()
        })
      }
      return !owesDrain
    },

    pause: () => {
      isPaused = true
      flow()
    },
    resume: () => {
      isPaused = false
      flow()
    },

    end: () => {
      if (isEnding || socket.destroyed) return
      isEnding = true
      const timer = setTimeout(() => socket.destroy(), END_TIMEOUT_MS)
      socket.once('close', () => {
        clearTimeout(timer)
      })
      // Reads on until the peer closes too: closing over unread bytes would take back what was just sent.
      socket.end()
      flow()
    },
    destroy: () => {
      socket.destroy()
    },
  }
}
