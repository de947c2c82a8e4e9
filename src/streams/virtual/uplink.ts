import type { Subscription } from 'rxjs'
import type { Clock } from '../deps.js'

/** One direction of one connection, as the uplink of its host sees it. */
export interface Sender {
  /** The next bytes to go out, at most `limit`; undefined where there is nothing that may go now. */
  readonly cut: (limit: number) => Uint8Array | undefined
  /** The bytes have left the host. */
  readonly launch: (bytes: Uint8Array) => void
}

/** What a host can send: chunk by chunk, its connections in turn. */
export interface Uplink {
  /** The sender may have something to send. */
  readonly offer: (sender: Sender) => void
  /** The sender will send no more; what it has on the line is lost. */
  readonly withdraw: (sender: Sender) => void
}

/** No chunk keeps a slow line from the other connections for longer than this, beyond one segment. */
const TURN_MS = 10
const SEGMENT = 1_460

/** @param rate - bytes a second; `Infinity` sends at once. */
export const createUplink = (clock: Clock, rate: number, chunkSize: number): Uplink => {
  const limit = Math.max(
    Math.min(SEGMENT, chunkSize),
    Math.min(chunkSize, Math.floor((rate * TURN_MS) / 1_000)),
  )
  const ready: Sender[] = []
  let onLine: { readonly sender: Sender; readonly timer: Subscription } | undefined
  let isServing = false

  const serve = (): void => {
    if (isServing) return
    isServing = true
    while (onLine === undefined) {
      const sender = ready.shift()
      if (sender === undefined) break
      const bytes = sender.cut(limit)
      if (bytes === undefined) continue
      if (rate === Infinity) {
        ready.push(sender)
        sender.launch(bytes)
      } else {
        transmit(sender, bytes)
      }
    }
    isServing = false
  }
  const transmit = (sender: Sender, bytes: Uint8Array): void => {
    const timer = clock.schedule(
      () => {
        onLine = undefined
        ready.push(sender)
        sender.launch(bytes)
        serve()
      },
      (bytes.length / rate) * 1_000,
    )
    onLine = { sender, timer }
  }

  return {
    offer: (sender) => {
      if (onLine?.sender === sender || ready.includes(sender)) return
      ready.push(sender)
      serve()
    },
    withdraw: (sender) => {
      const position = ready.indexOf(sender)
      if (position >= 0) ready.splice(position, 1)
      if (onLine?.sender !== sender) return
      onLine.timer.unsubscribe()
      onLine = undefined
      serve()
    },
  }
}
