import { fc, test } from '@fast-check/vitest'
import { defer, EMPTY, finalize, map, NEVER, of, type Subscription, timer } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { AnnounceRequest } from '../../../src/codecs/announce.js'
import { limitTrackers } from '../../../src/streams/tracker/limitTrackers.js'
import type { TrackerClient } from '../../../src/streams/deps.js'
import { createVirtualClock } from '../../../src/streams/virtual/index.js'
import { ANNOUNCE_REQUEST } from '../../support/announceRequest.js'

const STOPPED: AnnounceRequest = { ...ANNOUNCE_REQUEST, event: 'stopped' }
const SILENT = E.left({ _tag: 'TrackerTimeout' as const })

/** A tracker that answers never, and notes who has asked it. */
const silent = (): { readonly client: TrackerClient; readonly asked: string[] } => {
  const asked: string[] = []
  const client: TrackerClient = {
    announce: (url) =>
      defer(() => {
        asked.push(url)
        return NEVER
      }),
  }
  return { client, asked }
}

const ask = (client: TrackerClient, url: string, request = ANNOUNCE_REQUEST): Subscription =>
  client.announce(url, request).subscribe({ error: expect.unreachable })

describe('limitTrackers', () => {
  it('lets so many ask at once, and the next when one has left', () => {
    const { client, asked } = silent()
    const limited = limitTrackers(2)(client)
    const all = ['a', 'b', 'c', 'd'].map((url) => ask(limited, url))
    expect(asked).toEqual(['a', 'b'])
    all[2]!.unsubscribe()
    all[0]!.unsubscribe()
    expect(asked).toEqual(['a', 'b', 'd'])
  })

  it('lets the next begin when the one before has ended, not earlier', () => {
    const order: string[] = []
    const limited = limitTrackers(1)({
      announce: (url) =>
        defer(() => {
          order.push(`${url} begins`)
          return NEVER.pipe(finalize(() => order.push(`${url} ends`)))
        }),
    })
    const first = ask(limited, 'a')
    ask(limited, 'b')
    first.unsubscribe()
    expect(order).toEqual(['a begins', 'a ends', 'b begins'])
  })

  it('counts the trackers of all together', () => {
    const [one, other] = [silent(), silent()]
    const limit = limitTrackers(1)
    const first = ask(limit(one.client), 'a')
    ask(limit(other.client), 'b')
    expect(other.asked).toEqual([])
    first.unsubscribe()
    expect(other.asked).toEqual(['b'])
  })

  it('lets those go first who say good-bye', () => {
    const { client, asked } = silent()
    const limited = limitTrackers(1)(client)
    const first = ask(limited, 'a')
    ask(limited, 'b')
    ask(limited, 'c', STOPPED)
    first.unsubscribe()
    expect(asked).toEqual(['a', 'c'])
  })

  it('carries ten thousand that are answered at once', () => {
    let answers = 0
    const limited = limitTrackers(1)({ announce: () => of(SILENT) })
    for (let i = 0; i < 10_000; i++) {
      limited.announce('a', ANNOUNCE_REQUEST).subscribe({ next: () => answers++, error: expect.unreachable })
    }
    expect(answers).toBe(10_000)
  })

  it('starts a long queue without a deep stack once a place is free', () => {
    let answers = 0
    const limit = limitTrackers(1)
    const holder = ask(limit({ announce: () => NEVER }), 'x')
    const limited = limit({ announce: () => of(SILENT) })
    for (let i = 0; i < 20_000; i++) {
      limited.announce('a', ANNOUNCE_REQUEST).subscribe({ next: () => answers++, error: expect.unreachable })
    }
    expect(answers).toBe(0)
    holder.unsubscribe()
    expect(answers).toBe(20_000)
  })

  test.prop([fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { maxLength: 60 })])(
    'never has more under way than it may, and answers everybody who stays',
    (plan) => {
      const clock = createVirtualClock()
      let [open, most, answered] = [0, 0, 0]
      const client = (takesMs: number): TrackerClient => ({
        announce: () =>
          defer(() => {
            open++
            most = Math.max(most, open)
            return timer(takesMs, clock).pipe(
              map(() => {
                open--
                return SILENT
              }),
            )
          }),
      })
      const limit = limitTrackers(3)
      for (const [startsAt, takesMs] of plan) {
        clock.schedule(() => {
          limit(client(takesMs))
            .announce('a', ANNOUNCE_REQUEST)
            .subscribe({ next: () => answered++, error: expect.unreachable })
        }, startsAt)
      }
      clock.run()
      expect(most).toBeLessThanOrEqual(3)
      expect(answered).toBe(plan.length)
    },
  )

  it('scrapes where the trackers do', () => {
    expect(limitTrackers(1)({ announce: () => EMPTY }).scrape).toBeUndefined()
    const seen: unknown[] = []
    const answer = E.right(new Map())
    limitTrackers(1)({ announce: () => EMPTY, scrape: () => of(answer) })
      .scrape?.('a', [])
      .subscribe({ next: (value) => seen.push(value), error: expect.unreachable })
    expect(seen).toEqual([answer])
  })
})
