import type { Observable } from 'rxjs'
import type { Buffering } from './buffering.js'
import { iterate } from './iterate.js'

/**
 * An Observable as a web `ReadableStream`. The first read subscribes; `cancel` unsubscribes; completion closes the
 * stream, and an error errors it. It holds nothing of its own (a high-water mark of 0): values that come unread wait as
 * `buffering` says, see `toAsyncIterable`.
 *
 * @example
 * ```ts
 * const lines$ = torrent.progress$.pipe(map(({ fraction }) => `data: ${String(fraction)}\n\n`))
 * new Response(toReadableStream(lines$, 'latest').pipeThrough(new TextEncoderStream()))
 * ```
 */
export const toReadableStream = <T>(source$: Observable<T>, buffering: Buffering): ReadableStream<T> =>
  pullFrom(iterate(source$, buffering))

/**
 * A stream that asks the iterator for one value for each read, and ends it when it is cancelled.
 *
 * @internal
 */
export const pullFrom = <T>(iterator: AsyncIterableIterator<T, undefined, undefined>): ReadableStream<T> =>
  new ReadableStream<T>(
    {
      pull: async (controller) => {
        const result = await iterator.next()
        if (result.done === true) controller.close()
        else controller.enqueue(result.value)
      },
      cancel: async () => {
        await iterator.return?.()
      },
    },
    { highWaterMark: 0 },
  )
