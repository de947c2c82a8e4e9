import { Observable, of } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'

/** What a call of the system answers: a value, or an error's code (`ENOENT`). */
export type SystemResult<A> = Either<string, A>

type Failure = NodeJS.ErrnoException | null

/** A call of `node:fs` that answers with a value, as a cold Observable. */
export const fsCall = <A>(
  start: (done: (error: Failure, value: A) => void) => void,
): Observable<SystemResult<A>> =>
  new Observable((subscriber) => {
    start((error, value) => {
      subscriber.next(error === null ? E.right(value) : E.left(systemCode(error)))
      subscriber.complete()
    })
  })

/** A call of `node:fs` that only succeeds or fails. */
export const fsStep = (start: (done: (error: Failure) => void) => void): Observable<SystemResult<void>> =>
  fsCall<void>((done) => {
    start((error) => {
      done(error)
    })
  })

/** Nothing to do. */
export const succeed = (): Observable<SystemResult<void>> => of(E.right(undefined))

export const fail = (code: string): Observable<SystemResult<never>> => of(E.left(code))

export const systemCode = (error: NodeJS.ErrnoException): string => error.code ?? 'EIO'
