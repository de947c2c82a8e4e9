import { of, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createOpenById } from '../../src/streams/openById.js'
import { rethrow } from '../support/rethrow.js'

describe('openById', () => {
  it('keeps nothing of what has ended, by itself, by its id or before it was added', () => {
    const open = createOpenById()
    const [first$, second$] = [new Subject<void>(), new Subject<void>()]
    open.add(1, first$.subscribe({ error: rethrow }))
    open.add(2, second$.subscribe({ error: rethrow }))
    open.add(3, of(1).subscribe({ error: rethrow }))
    expect(open.size()).toBe(2)
    first$.complete()
    expect(open.size()).toBe(1)
    expect([open.end(1), open.end(2), open.end(2), open.end(3)]).toEqual([false, true, false, false])
    expect([open.size(), second$.observed]).toEqual([0, false])
  })

  it('knows the last one of an id, whatever becomes of the one before', () => {
    const open = createOpenById()
    const [first$, second$] = [new Subject<void>(), new Subject<void>()]
    open.add(1, first$.subscribe({ error: rethrow }))
    open.add(1, second$.subscribe({ error: rethrow }))
    first$.complete()
    expect([open.size(), open.end(1), second$.observed]).toEqual([1, true, false])
  })
})
