import { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { Clock, StorageError } from '../deps.js'
import { CLOSED, storageError } from './storageError.js'

/** What the packages behind `abstract-chunk-store` have in common: chunks of one length, the last one may be shorter. */
export interface ChunkStore {
  readonly put: (index: number, chunk: Uint8Array, done: (error?: unknown) => void) => void
  readonly get: (index: number, done: (error: unknown, chunk?: Uint8Array) => void) => void
  readonly close?: (done: (error?: unknown) => void) => void
  /** Deletes what is in it, then closes it. */
  readonly destroy?: (done: (error?: unknown) => void) => void
}

/**
 * A call of a store as an Observable that answers once, whatever the store does: it may call back at once, late, twice,
 * throw, or, with a `timeoutMs`, never.
 */
export const askStore = <A>(
  operation: StorageError['operation'],
  call: (done: (error: unknown, value: A) => void) => void,
  patience: { readonly clock: Clock; readonly timeoutMs: number } | undefined,
): Observable<Either<StorageError, A>> =>
  new Observable((subscriber) => {
    let isAnswered = false
    const answer = (result: Either<StorageError, A>): void => {
      if (isAnswered) return
      isAnswered = true
      timer?.unsubscribe()
      subscriber.next(result)
      subscriber.complete()
    }
    const timer = patience?.clock.schedule(() => {
      answer(E.left(storageError(operation, [], 'ETIMEDOUT')))
    }, patience.timeoutMs)
    subscriber.add(timer)
    try {
      call((error, value) => {
        if (error === undefined || error === null) answer(E.right(value))
        else answer(E.left(storageError(operation, [], codeOf(error))))
      })
    } catch (thrown) {
      answer(E.left(storageError(operation, [], codeOf(thrown))))
    }
  })

/** A store that has no such chunk says so by a `notFound`, by a system's code, or by no more than a message. */
const codeOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return 'EIO'
  if ('notFound' in error && error.notFound === true) return 'ENOENT'
  if ('code' in error && typeof error.code === 'string' && error.code !== CLOSED) return error.code
  return error instanceof Error && /not found|no such/i.test(error.message) ? 'ENOENT' : 'EIO'
}
