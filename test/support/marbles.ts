import { expect } from 'vitest'
import { TestScheduler } from 'rxjs/testing'

type RunHelpers = Parameters<Parameters<TestScheduler['run']>[0]>[0]

/** Runs a marble test: virtual time, `expectObservable` and `expectSubscriptions` compared by vitest. */
export const marbles = (body: (helpers: RunHelpers) => void): void => {
  new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected)
  }).run(body)
}
