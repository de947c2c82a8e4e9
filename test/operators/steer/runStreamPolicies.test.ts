import { asyncScheduler, filter, interval, map, NEVER, of, range } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { SessionCommand } from '../../../src/operators/session/command.js'
import type { StreamPolicy } from '../../../src/operators/steer/policy.js'
import { runStreamPolicies, type Steering } from '../../../src/operators/steer/runStreamPolicies.js'
import { marbles } from '../../support/marbles.js'

const context = { state$: NEVER, notice$: NEVER, clock: asyncScheduler }
const ban = (host: string): SessionCommand => ({ _tag: 'Ban', host })
const commands = { a: ban('a'), b: ban('b') }
const steerings: Record<string, Steering> = {
  a: { _tag: 'Command', command: ban('a') },
  b: { _tag: 'Command', command: ban('b') },
  x: { _tag: 'Failed', message: 'boom' },
}
const boom = new Error('boom')
/** What a policy in JavaScript may answer. */
const answering =
  (answer: unknown): StreamPolicy =>
  () =>
    answer as never

const saidBy = (...policies: ReadonlyArray<StreamPolicy>): ReadonlyArray<Steering> => {
  const said: Steering[] = []
  runStreamPolicies(policies, context).subscribe({
    next: (steering) => said.push(steering),
    error: expect.unreachable,
  })
  return said
}

describe('runStreamPolicies', () => {
  it('merges what they say, and ends when all have', () => {
    marbles(({ cold, expectObservable }) => {
      const policies = [() => cold('-a---|', commands), () => cold('--b|', commands)]
      expectObservable(runStreamPolicies(policies, context)).toBe('-ab--|', steerings)
    })
  })

  it('lets the others go on when one errors', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const bad$ = cold('-a-#', commands, boom)
      const good$ = cold('----b-a-', commands)
      expectObservable(runStreamPolicies([() => bad$, () => good$], context), '^-------!').toBe(
        '-a-xb-a',
        steerings,
      )
      expectSubscriptions(bad$.subscriptions).toBe('^--!')
    })
  })

  it.each<[string, StreamPolicy, string]>([
    [
      'throws',
      () => {
        throw boom
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
    [
      'throws while it runs',
      () =>
        of(1).pipe(
          map(() => {
            throw boom
          }),
        ),
      'boom',
    ],
    ['answers undefined', answering(undefined), "You provided 'undefined' where a stream was expected"],
    ['answers a command instead of a stream', answering({ _tag: 'Stop' }), 'where a stream was expected'],
  ])('reports one that %s', (_, policy, message) => {
    const [failed, ...more] = saidBy(policy, () => of(ban('a')))
    expect(failed).toEqual({ _tag: 'Failed', message: expect.stringContaining(message) as unknown })
    expect(more).toEqual([steerings['a']])
  })

  it('leaves out a command that is nonsense, and goes on', () => {
    const said = saidBy(answering(of(undefined, { _tag: 'Explode' }, { _tag: 'AddPeers' }, ban('a'))))
    expect(said.map(({ _tag }) => _tag)).toEqual(['Failed', 'Failed', 'Failed', 'Command'])
  })

  it('ends one that floods', () => {
    const said = saidBy(() => range(0, 1_000_000).pipe(map(() => ban('a'))))
    expect(said).toHaveLength(1_001)
    expect(said.at(-1)).toEqual({ _tag: 'Failed', message: 'too many commands within a second' })
  })

  it('lets one talk on for long, a little at a time', () => {
    marbles(({ expectObservable }) => {
      const chatter: StreamPolicy = () => interval(2, asyncScheduler).pipe(map(() => ban('a')))
      const failed$ = runStreamPolicies([chatter], context).pipe(filter(({ _tag }) => _tag === 'Failed'))
      expectObservable(failed$, '^ 20s !').toBe('-')
    })
  })
})
