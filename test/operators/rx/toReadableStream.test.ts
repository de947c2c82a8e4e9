import { concat, from, NEVER, of, Subject, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { toReadableStream } from '../../../src/operators/rx/toReadableStream.js'

const collect = async <T>(stream: ReadableStream<T>): Promise<T[]> => {
  const seen: T[] = []
  for await (const value of stream) seen.push(value)
  return seen
}

describe('toReadableStream', () => {
  it('gives every value, then closes', async () => {
    expect(await collect(toReadableStream(from([1, 2, 3]), { all: 3 }))).toEqual([1, 2, 3])
  })

  it('subscribes with the first read, and no sooner', async () => {
    const source$ = new Subject<number>()
    const reader = toReadableStream(source$, 'latest').getReader()
    await Promise.resolve()
    expect(source$.observed).toBe(false)
    const first = reader.read()
    expect(source$.observed).toBe(true)
    source$.next(1)
    expect(await first).toEqual({ done: false, value: 1 })
    await reader.cancel()
    expect(source$.observed).toBe(false)
  })

  it('holds nothing of its own: what waits is the latest', async () => {
    const source$ = new Subject<number>()
    const reader = toReadableStream(source$, 'latest').getReader()
    await Promise.resolve()
    const first = reader.read()
    for (const value of [1, 2, 3]) source$.next(value)
    expect((await first).value).toBe(1)
    expect((await reader.read()).value).toBe(3)
    await reader.cancel()
  })

  it('is errored by an error', async () => {
    const failing$ = concat(
      of(1),
      throwError(() => new Error('boom')),
    )
    await expect(collect(toReadableStream(failing$, { all: 9 }))).rejects.toThrow('boom')
  })

  it('unsubscribes when it is cancelled while a read waits', async () => {
    const source$ = new Subject<never>()
    const reader = toReadableStream(source$, 'latest').getReader()
    const waiting = reader.read()
    await reader.cancel()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(source$.observed).toBe(false)
  })

  it('can be left unread', async () => {
    await toReadableStream(NEVER, 'latest').cancel()
  })
})
