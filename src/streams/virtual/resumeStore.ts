import { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { Clock, ResumeError, ResumeStore } from '../deps.js'
import { oneAtATime } from '../disk/oneAtATime.js'

export interface VirtualResumeOptions {
  readonly clock: Clock
  /** Of each step; a save has two: the new file takes the old one's place, then that is on the device. */
  readonly latencyMs: number
}

/** Resume data of a virtual disk, and a view of them that costs no time. */
export interface VirtualResume {
  readonly store: ResumeStore
  /** What is there, by a torrent's infohash in hexadecimal. */
  readonly get: (id: string) => Uint8Array | undefined
  readonly put: (id: string, bytes: Uint8Array) => void
  /** The next calls of that kind, one or `times`, fail with that system code. */
  readonly failNext: (operation: 'load' | 'save' | 'remove', code: string, times?: number) => void
  /** The power goes: what is under way ends; what no device has is there or not, as `survives` says. */
  readonly crash: (survives: () => boolean) => void
}

/** Keeps resume data in memory, as a disk would. */
export const createVirtualResume = ({ clock, latencyMs }: VirtualResumeOptions): VirtualResume => {
  let live = new Map<string, Uint8Array>()
  let synced = new Map<string, Uint8Array>()
  const failures = new Map<string, { readonly code: string; times: number }>()
  let inLine = oneAtATime()
  let crashes = 0

  const failure = (operation: 'load' | 'save' | 'remove'): ResumeError | undefined => {
    const coming = failures.get(operation)
    if (coming === undefined || coming.times-- <= 0) return undefined
    return { _tag: 'ResumeStoreFailed', operation, code: coming.code }
  }

  const steps = <A>(
    operation: 'load' | 'save' | 'remove',
    first: () => A,
    last: () => void,
  ): Observable<Either<ResumeError, A>> =>
    new Observable((subscriber) => {
      const failed = failure(operation)
      const before = crashes
      let value: A
      let isFirst = true
      clock.schedule(function () {
        if (crashes !== before) return
        if (failed !== undefined) {
          subscriber.next(E.left(failed))
          subscriber.complete()
        } else if (isFirst) {
          isFirst = false
          value = first()
          this.schedule(undefined, latencyMs)
        } else {
          last()
          subscriber.next(E.right(value))
          subscriber.complete()
        }
      }, latencyMs)
    })

  const sync = (): void => {
    synced = new Map(live)
  }

  return {
    store: {
      load: (id) =>
        inLine(
          steps(
            'load',
            () => O.fromNullable(live.get(id)?.slice()),
            () => undefined,
          ),
        ),
      save: (id, bytes, reach = 'device') =>
        inLine(steps('save', () => void live.set(id, bytes), reach === 'device' ? sync : () => undefined)),
      remove: (id) => inLine(steps('remove', () => void live.delete(id), sync)),
    },
    get: (id) => live.get(id),
    put: (id, bytes) => {
      live.set(id, bytes)
      synced.set(id, bytes)
    },
    failNext: (operation, code, times = 1) => {
      failures.set(operation, { code, times })
    },
    crash: (survives) => {
      crashes++
      inLine = oneAtATime()
      live = survives() ? live : synced
      sync()
    },
  }
}
