import { Observable } from 'rxjs'
import type { PeerSocket } from '../deps.js'

export interface MovableSocket {
  readonly socket: PeerSocket
  /** From here on it stands for this one. Nothing is held of the one before; its reader is the caller's to move. */
  readonly moveTo: (next: PeerSocket) => void
}

/** A socket that stands for another, and for a different one later on. Once that is `settled`, nobody needs to keep it. */
export const movableSocket = (first: PeerSocket): MovableSocket => {
  let at = first
  return {
    moveTo: (next) => {
      at = next
    },
    socket: {
      remote: first.remote,
      isEncrypted: () => at.isEncrypted?.() === true,
      settled: () => at,
      chunk$: new Observable((subscriber) => at.chunk$.subscribe(subscriber)),
      drain$: new Observable((subscriber) => at.drain$.subscribe(subscriber)),
      write: (buffers, onTaken) => at.write(buffers, onTaken),
      pause: () => {
        at.pause()
      },
      resume: () => {
        at.resume()
      },
      end: () => {
        at.end()
      },
      destroy: () => {
        at.destroy()
      },
    },
  }
}
