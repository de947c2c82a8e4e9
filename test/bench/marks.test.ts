import { describe, expect, it } from 'vitest'
import {
  delayMark,
  isMet,
  judge,
  memoryMark,
  ownVerdict,
  ratioMark,
  showVerdict,
} from '../../bench/support/marks.mjs'

const medians = new Map([
  ['ours', { wall: 2, cpu: 3, memory: 120.4 }],
  ['theirs', { wall: 4, cpu: 2, memory: 1000 }],
])

describe('a mark', () => {
  it('is a ratio of medians', () => {
    const [mark] = ratioMark(medians, { cost: 'wall', of: 'ours', to: 'theirs', most: 0.5 })
    expect(mark).toEqual({ what: 'wall to theirs', value: 0.5, most: 0.5, unit: '×' })
  })

  it('is none where one of the two was not measured', () => {
    expect(ratioMark(medians, { cost: 'cpu', of: 'ours', to: 'nobody', most: 1 })).toEqual([])
    expect(memoryMark(medians, 'nobody', 1)).toEqual([])
  })

  it('is met at its limit, and missed beyond it and where nothing came out', () => {
    expect(isMet({ what: 'wall', value: 0.9, most: 0.9, unit: '×' })).toBe(true)
    expect(isMet({ what: 'wall', value: 0.91, most: 0.9, unit: '×' })).toBe(false)
    expect(isMet({ what: 'wall', value: NaN, most: 0.9, unit: '×' })).toBe(false)
  })

  it('is shown with what it was to be', () => {
    const shown = [
      ...ratioMark(medians, { cost: 'cpu', of: 'ours', to: 'theirs', most: 1.3 }),
      ...memoryMark(medians, 'ours', 150),
      delayMark({ p50: 0, p99: 20.5, max: 40, count: 1000 }),
      delayMark({ p50: 0, p99: 20.5, max: 40, count: 1000, own: { p50: 0, p99: 5, max: 6 } }),
    ].map((mark) => showVerdict(judge('seeding', mark)))
    expect(shown).toEqual([
      'missed seeding: CPU to theirs 1.50× (at most 1.30×)',
      'met    seeding: peak memory 120 MiB (at most 150 MiB)',
      'missed seeding: event-loop delay p99 20.50 ms (at most 20.00 ms)',
      'missed seeding: event-loop delay p99, 5.00 ms without waits for a core or the host, 20.50 ms (at most 20.00 ms)',
    ])
  })

  it('may be what a program says of itself', () => {
    expect(ownVerdict('2 000 peers    11.0 KB each (met)')).toEqual([
      { isMet: true, text: '2 000 peers 11.0 KB each' },
    ])
    expect(ownVerdict('2 000 peers    13.0 KB each (missed)')).toEqual([
      { isMet: false, text: '2 000 peers 13.0 KB each' },
    ])
    expect(ownVerdict('2 000 peers (met) before lunch')).toEqual([])
  })
})
