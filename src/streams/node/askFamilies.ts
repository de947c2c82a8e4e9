import { lookup as dnsLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { defer, finalize, map, merge, type Observable, of, switchMap, take, tap } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { ipScope } from '../../codecs/ipAddress.js'
import { MAX_MUTE_FAMILIES } from '../../codecs/limits.js'
import type { TrackerError } from '../../codecs/trackerError.js'
import { isAnnouncePath } from '../../codecs/trackerUrl.js'
import { after } from '../../operators/rx/after.js'
import { firstAnswers } from '../tracker/firstAnswers.js'
import { nodeClock } from './clock.js'
import { familyLookups } from './familyLookups.js'
import { addressScope, type GuardOptions, hostnameOf } from './guardedRequest.js'
import { nodeResolve } from './resolveName.js'

/** How long the other family may take once one has answered: a connection, perhaps TLS, and the answer. */
const OTHER_FAMILY_MS = 2_000
/** And how long where it owed an answer before: many machines have a name's IPv6 and no way to it. */
const MUTE_FAMILY_MS = 200

/** Asks a server over each family: `ask` is given what its name is to stand for. Emits once and completes. */
export type AskFamilies = <A>(
  url: URL,
  ask: (lookup: LookupFunction) => Observable<Either<TrackerError, A>>,
) => Observable<Either<TrackerError, ReadonlyArray<A>>>

/**
 * Looks a server's name up, within so many milliseconds, and asks it once over each family that it has an address of,
 * both at once: one that fails is no failure while the other does not. Addresses that may not be asked count as none.
 * Remembers which did not answer in time.
 */
export const askFamilies = (
  { lookup = dnsLookup, scopeOf = ipScope }: Pick<GuardOptions, 'lookup' | 'scopeOf'>,
  lookUpMs: number,
): AskFamilies => {
  const resolve = nodeResolve(lookup)
  const mute = new Set<string>()

  /** The question, noted where it is given up before its answer. */
  const noting = <A>(key: string, question$: Observable<A>): Observable<A> =>
    defer(() => {
      let isAnswered = false
      return question$.pipe(
        tap(() => {
          isAnswered = true
        }),
        finalize(() => {
          mute.delete(key)
          if (isAnswered) return
          mute.add(key)
          for (const oldest of mute) {
            if (mute.size <= MAX_MUTE_FAMILIES) break
            mute.delete(oldest)
          }
        }),
      )
    })

  return (url, ask) => {
    const { pathname, host } = url
    const hostname = hostnameOf(url)
    const timeout$ = after(lookUpMs, nodeClock).pipe(map(() => E.left(TIMEOUT)))
    const found$ = merge(resolve(hostname).pipe(map(E.mapLeft(unreachable))), timeout$).pipe(take(1))
    return found$.pipe(
      switchMap((found) => {
        if (E.isLeft(found)) return of(found)
        const allowed = found.right.filter(
          (address) => addressScope(address, scopeOf) !== 'loopback' || isAnnouncePath(pathname),
        )
        const ways = familyLookups(hostname, allowed, lookup)
        if (ways.length === 0) return of(E.left<TrackerError>({ _tag: 'TrackerAddressRefused' }))
        const keys = ways.map(({ family }) => `${host} ${String(family)}`)
        const graceMs = keys.some((key) => mute.has(key)) ? MUTE_FAMILY_MS : OTHER_FAMILY_MS
        const asked = ways.map((way, i) => noting(keys[i]!, ask(way.lookup)))
        return firstAnswers(asked, graceMs, nodeClock)
      }),
    )
  }
}

const TIMEOUT: TrackerError = { _tag: 'TrackerTimeout' }

const unreachable = ({ code }: { readonly code: string }): TrackerError => ({
  _tag: 'TrackerUnreachable',
  code,
})
