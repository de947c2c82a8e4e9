import { TestScheduler } from 'rxjs/testing'
import { describe, expect, it } from 'vitest'
import { asciiGlyphs } from '../../../src/cli/format/glyphs.js'
import { tellWork, type Work } from '../../../src/cli/progress/work.js'
import { noPaint } from '../../../src/cli/world.js'
import { pieceStatus } from '../../../src/index.js'

const scheduler = (): TestScheduler =>
  new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected)
  })

const place = { isLive: true, style: { glyphs: asciiGlyphs, paint: noPaint }, columns: () => 18 }

/** Steps are shares; `asked` are those that work was made of. */
const work = (): { readonly asked: number[]; readonly workOf: (share: number) => Work } => {
  const asked: number[] = []
  return {
    asked,
    workOf: (share) => {
      asked.push(share)
      return {
        what: 'it',
        share,
        status: Uint8Array.of(pieceStatus.have, pieceStatus.missing),
        event: { share },
      }
    },
  }
}

const steps = { a: 0.25, b: 0.5, c: 0.75, d: 1 }

describe('tellWork', () => {
  it('paints the first step, the latest ten times a second, and the last, and makes no other pictures', () => {
    const { asked, workOf } = work()
    scheduler().run(({ hot, expectObservable }) => {
      const lines = (line: string): unknown => ({ _tag: 'Live', lines: [line, '#.'] })
      expectObservable(hot('abb 98ms cbd|', steps).pipe(tellWork(false, place, workOf))).toBe(
        'a 99ms b---(d|)',
        { a: lines('25.0 %  #-----  it'), b: lines('50.0 %  ###---  it'), d: lines(' 100 %  ######  it') },
      )
    })
    expect(asked).toEqual([0.25, 0.5, 1])
  })

  it('does not stand still on the first step of a burst', () => {
    const { workOf } = work()
    scheduler().run(({ hot, expectObservable }) => {
      const event = (share: number): unknown => ({ _tag: 'Data', text: JSON.stringify({ share }) })
      expectObservable(hot('a 50ms b 10s |', steps).pipe(tellWork(true, place, workOf))).toBe(
        'a 999ms b 9051ms |',
        { a: event(0.25), b: event(0.5) },
      )
    })
  })

  it('tells a program once a second, and the last step', () => {
    const { asked, workOf } = work()
    scheduler().run(({ hot, expectObservable }) => {
      const event = (share: number): unknown => ({ _tag: 'Data', text: JSON.stringify({ share }) })
      expectObservable(hot('abb 998ms cbd|', steps).pipe(tellWork(true, place, workOf))).toBe(
        'a 999ms b---(d|)',
        { a: event(0.25), b: event(0.5), d: event(1) },
      )
    })
    expect(asked).toEqual([0.25, 0.5, 1])
  })

  it('says every five seconds how far it is, where there is no terminal', () => {
    const { asked, workOf } = work()
    scheduler().run(({ hot, expectObservable }) => {
      expectObservable(
        hot('ab 6s c|', steps).pipe(tellWork(false, { ...place, isLive: false }, workOf)),
      ).toBe('5s a 1002ms |', { a: { _tag: 'Say', text: '50.0 %  it' } })
    })
    expect(asked).toEqual([0.5])
  })

  it('tells a single step once', () => {
    const { asked, workOf } = work()
    scheduler().run(({ hot, expectObservable }) => {
      expectObservable(hot('a|', steps).pipe(tellWork(true, place, workOf))).toBe('a|', {
        a: { _tag: 'Data', text: '{"share":0.25}' },
      })
    })
    expect(asked).toEqual([0.25])
  })
})
