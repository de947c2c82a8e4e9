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
  it('paints ten pictures a second, the last step among them, and makes no others', () => {
    const { asked, workOf } = work()
    scheduler().run(({ hot, expectObservable }) => {
      const lines = (line: string): unknown => ({ _tag: 'Live', lines: [line, '#.'] })
      expectObservable(hot('abb 98ms cbd|', steps).pipe(tellWork(false, place, workOf))).toBe(
        'a 100ms c--(d|)',
        { a: lines('25.0 %  #-----  it'), c: lines('75.0 %  ####--  it'), d: lines(' 100 %  ######  it') },
      )
    })
    expect(asked).toEqual([0.25, 0.75, 1])
  })

  it('tells a program once a second, and the last step', () => {
    const { asked, workOf } = work()
    scheduler().run(({ hot, expectObservable }) => {
      const event = (share: number): unknown => ({ _tag: 'Data', text: JSON.stringify({ share }) })
      expectObservable(hot('abb 998ms cbd|', steps).pipe(tellWork(true, place, workOf))).toBe(
        'a 1000ms c--(d|)',
        { a: event(0.25), c: event(0.75), d: event(1) },
      )
    })
    expect(asked).toEqual([0.25, 0.75, 1])
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
