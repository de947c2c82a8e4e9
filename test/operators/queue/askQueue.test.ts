import { test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { askQueue } from '../../../src/operators/queue/askQueue.js'
import { fifoQueue } from '../../../src/operators/queue/fifoQueue.js'
import type { QueuePolicy } from '../../../src/operators/queue/policy.js'
import { anyQueue, NOW, queueEntry } from './entries.js'

const ctx = { now: NOW, sessions: [queueEntry('a'), queueEntry('b', { desired: 'paused' })] }
/** What a policy in JavaScript may answer. */
const answering =
  (answer: unknown): QueuePolicy =>
  () =>
    answer as never

describe('askQueue', () => {
  it('takes an answer that makes sense, less those that nobody wants to run', () => {
    expect(askQueue(() => new Set(['a', 'b']), ctx)).toEqual({ running: new Set(['a']), problem: undefined })
    expect(askQueue(() => new Set(), ctx)).toEqual({ running: new Set(), problem: undefined })
  })

  it.each<[string, QueuePolicy, string]>([
    [
      'throws',
      () => {
        throw new Error('boom')
      },
      'boom',
    ],
    [
      'throws what is no Error',
      () => {
        throw 'boom' as unknown as Error
      },
      'threw a value that is no Error',
    ],
    ['answers undefined', answering(undefined), 'the answer is not a Set'],
    ['answers an array', answering(['a']), 'the answer is not a Set'],
    ['answers a stranger', answering(new Set(['z'])), 'the answer holds a key that is no session'],
    ['answers a number', answering(new Set([1])), 'the answer holds a key that is no session'],
  ])('has the default answer for one that %s', (_, policy, problem) => {
    expect(askQueue(policy, ctx)).toEqual({ running: new Set(['a']), problem })
  })

  test.prop([anyQueue])('adds nothing to the default', (any) => {
    expect(askQueue(fifoQueue(), any)).toEqual({ running: fifoQueue()(any), problem: undefined })
  })
})
