import { defer, map, timer } from 'rxjs'
import type { Clock, Hasher } from '../deps.js'
import { sha1 } from './sha1.js'

export interface VirtualHasherOptions {
  readonly clock: Clock
  /** Per digest; 1 by default. */
  readonly latencyMs?: number
  /** Bytes a second on top of that; `Infinity` by default. */
  readonly rate?: number
}

/**
 * Digests that take virtual time. The buffer is really taken over, as a worker would do it: the view that was passed in
 * is empty from the subscription on, and the answer holds a new one.
 */
export const createVirtualHasher = ({
  clock,
  latencyMs = 1,
  rate = Infinity,
}: VirtualHasherOptions): Hasher => ({
  sha1: (bytes) =>
    defer(() => {
      const { buffer, byteOffset, byteLength } = bytes
      const owned = buffer instanceof ArrayBuffer ? structuredClone(buffer, { transfer: [buffer] }) : buffer
      const taken = new Uint8Array(owned, byteOffset, byteLength)
      return timer(latencyMs + (byteLength / rate) * 1_000, clock).pipe(
        map(() => ({ digest: sha1(taken), bytes: taken })),
      )
    }),
})
