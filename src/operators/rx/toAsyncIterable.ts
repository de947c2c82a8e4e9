import type { Observable } from 'rxjs'
import type { Buffering } from './buffering.js'
import { iterate } from './iterate.js'

/**
 * An Observable for `for await`. Cold: each loop is a subscription of its own, begun by the first `next`. Leaving the
 * loop by `break`, `return` or `throw` unsubscribes; completion ends it; an error is thrown in it, after the values
 * that came before.
 *
 * An Observable does not wait for its reader: `buffering` says what becomes of values that come during the body of the
 * loop. There is no default, since each choice is wrong for half of the streams: `'latest'` for states, `{ all: limit }`
 * for events (more than `limit` waiting throws a `RangeError`).
 *
 * @example
 * ```ts
 * for await (const { fraction } of toAsyncIterable(torrent.progress$, 'latest')) await draw(fraction)
 * for await (const notice of toAsyncIterable(torrent.alert$, { all: 10_000 })) await log(notice)
 * ```
 */
export const toAsyncIterable = <T>(
  source$: Observable<T>,
  buffering: Buffering,
): AsyncIterable<T, undefined> => ({
  [Symbol.asyncIterator]: () => iterate(source$, buffering),
})
