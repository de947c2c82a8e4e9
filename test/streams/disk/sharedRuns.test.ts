import { concat, EMPTY, mergeMap, of, Subject } from 'rxjs'
import type { Observable } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { sharedRuns } from '../../../src/streams/disk/sharedRuns.js'

/** Runs that end when they are told to, in the order in which they began. */
const told = () => {
  const runs: { readonly key: string; readonly result$: Subject<number> }[] = []
  const run = (key: string): Observable<number> => {
    const result$ = new Subject<number>()
    runs.push({ key, result$ })
    return result$
  }
  return {
    run,
    keys: () => runs.map(({ key }) => key),
    end: (index: number, value: number) => {
      runs[index]!.result$.next(value)
      runs[index]!.result$.complete()
    },
    fail: (index: number) => {
      runs[index]!.result$.error(new Error('lost'))
    },
  }
}

const hear = (source$: Observable<number>) => {
  const heard: (number | 'end' | 'error')[] = []
  const subscription = source$.subscribe({
    next: (value) => heard.push(value),
    error: () => heard.push('error'),
    complete: () => heard.push('end'),
  })
  return { heard, leave: () => subscription.unsubscribe() }
}

describe('sharedRuns', () => {
  it('gives those who come during a run the next one, together', () => {
    const { run, keys, end } = told()
    const shared = sharedRuns(run)
    const first = hear(shared('a'))
    const second = hear(shared('a'))
    const third = hear(shared('a'))
    expect(keys()).toEqual(['a'])
    end(0, 1)
    expect([first.heard, second.heard, keys()]).toEqual([[1, 'end'], [], ['a', 'a']])
    const fourth = hear(shared('a'))
    end(1, 2)
    expect([second.heard, third.heard, fourth.heard]).toEqual([[2, 'end'], [2, 'end'], []])
    end(2, 3)
    expect(fourth.heard).toEqual([3, 'end'])
    expect(keys()).toHaveLength(3)
  })

  it('begins another run where the last one is over', () => {
    const { run, keys, end } = told()
    const shared = sharedRuns(run)
    hear(shared('a'))
    end(0, 1)
    expect(keys()).toHaveLength(1)
    hear(shared('a'))
    expect(keys()).toHaveLength(2)
  })

  it('lets no key wait for another', () => {
    const { run, keys } = told()
    const shared = sharedRuns(run)
    hear(shared('a'))
    hear(shared('b'))
    expect(keys()).toEqual(['a', 'b'])
  })

  it('begins nothing for who has left', () => {
    const { run, keys, end } = told()
    const shared = sharedRuns(run)
    hear(shared('a'))
    hear(shared('a')).leave()
    end(0, 1)
    expect(keys()).toHaveLength(1)
    expect(hear(shared('a')).heard).toEqual([])
    expect(keys()).toHaveLength(2)
  })

  it('ends a run that nobody waits for', () => {
    const { run, keys, end } = told()
    const shared = sharedRuns(run)
    hear(shared('a')).leave()
    const second = hear(shared('a'))
    expect(keys()).toHaveLength(1)
    end(0, 1)
    end(1, 2)
    expect(second.heard).toEqual([2, 'end'])
  })

  it('goes on after a run that did not even begin', () => {
    let isBroken = true
    const shared = sharedRuns(() => {
      if (isBroken) throw new Error('lost')
      return of(1)
    })
    expect(hear(shared('a')).heard).toEqual(['error'])
    isBroken = false
    expect(hear(shared('a')).heard).toEqual([1, 'end'])
  })

  it('goes on after a run that failed', () => {
    const { run, end, fail } = told()
    const shared = sharedRuns(run)
    const first = hear(shared('a'))
    const second = hear(shared('a'))
    fail(0)
    end(1, 2)
    expect([first.heard, second.heard]).toEqual([['error'], [2, 'end']])
  })

  it('takes runs that end at once, and askers that ask again', () => {
    const shared = sharedRuns(() => of(1))
    expect(hear(concat(shared('a'), shared('a'), EMPTY)).heard).toEqual([1, 1, 'end'])
    expect(hear(shared('a').pipe(mergeMap(() => shared('a')))).heard).toEqual([1, 'end'])
  })
})
