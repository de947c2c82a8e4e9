import { lookup as dnsLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import { Observable, of } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { ResolveName, SocketError } from '../deps.js'
import { socketError } from './socketError.js'

/**
 * Names by the system's resolver, unless another one is given.
 *
 * @example
 * ```ts
 * nodeResolve()('router.example').subscribe((found) => {
 *   if (found._tag === 'Right') console.log(found.right) // ['192.0.2.1', '2001:db8::1']
 * })
 * ```
 */
export const nodeResolve =
  (lookup: LookupFunction = dnsLookup): ResolveName =>
  (name) => {
    if (isIP(name) !== 0) return of(E.right([name]))
    return new Observable<Either<SocketError, ReadonlyArray<string>>>((subscriber) => {
      const answer = (value: Either<SocketError, ReadonlyArray<string>>): void => {
        subscriber.next(value)
        subscriber.complete()
      }
      // Names come from strangers: what the resolver throws at is a failure like any other.
      const attempt = E.tryCatch(() => {
        lookup(name, { all: true }, (error, found) => {
          if (error !== null) {
            answer(E.left(socketError(error)))
            return
          }
          const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address)
          answer(addresses.length === 0 ? NOT_FOUND : E.right(addresses))
        })
      }, socketError)
      if (E.isLeft(attempt)) answer(attempt)
    })
  }

const NOT_FOUND: Either<SocketError, never> = E.left({ _tag: 'SocketError', code: 'ENOTFOUND' })
