import { describe, expect, it } from 'vitest'
import { markdownTable, medianCost, ratiosTo, showCost } from '../../bench/support/table.mjs'
import { takeTurns } from '../../bench/support/takeTurns.mjs'

const medians = new Map([
  ['ours', { wall: 0.5, cpu: 3, memory: 120.4 }],
  ['theirs', { wall: 2, cpu: 2, memory: 1000 }],
])

describe('the table', () => {
  it('takes the median of each figure by itself', () => {
    const costs = [
      { wall: 1, cpu: 9, memory: 5 },
      { wall: 3, cpu: 7, memory: 5 },
      { wall: 2, cpu: 8, memory: 6 },
    ]
    expect(medianCost(costs)).toEqual({ wall: 2, cpu: 8, memory: 5 })
    expect(medianCost(costs.slice(0, 2))).toEqual({ wall: 2, cpu: 8, memory: 5 })
  })

  it('has a row for every client, and its ratios to the base', () => {
    const rows = markdownTable([{ title: 'download', base: 'theirs', medians, marks: [] }])
    expect(rows.slice(2)).toEqual([
      '| download | ours | 0.500 s | 3.00 s | 120 MiB | 0.25× | 1.50× |',
      '|  | theirs | 2.00 s | 2.00 s | 1000 MiB | 1.00× | 1.00× |',
    ])
  })

  it('has no ratios to what was not measured', () => {
    expect(ratiosTo(medians, 'nobody')).toEqual([])
    expect(ratiosTo(medians, 'theirs')).toHaveLength(1)
  })
})

describe('turns', () => {
  it('are taken one after the other, each round from another one on, and told', async () => {
    const turns: string[] = []
    const said: string[] = []
    const contestants = ['ours', 'theirs'].map((name) => ({
      name,
      run: () => {
        turns.push(name)
        return Promise.resolve({ wall: turns.length, cpu: 1, memory: 1 })
      },
    }))
    const taken = await takeTurns({ contestants, rounds: 3, base: 'theirs', say: (line) => said.push(line) })
    expect(turns).toEqual(['ours', 'theirs', 'theirs', 'ours', 'ours', 'theirs'])
    expect([...taken].map(([name, { wall }]) => [name, wall])).toEqual([
      ['ours', 4],
      ['theirs', 3],
    ])
    expect(said[0]).toContain(showCost({ wall: 1, cpu: 1, memory: 1 }))
    expect(said).toHaveLength(6 + 2 + 1)
  })
})
