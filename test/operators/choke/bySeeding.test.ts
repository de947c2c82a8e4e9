import { describe, expect, it } from 'vitest'
import { bySeeding } from '../../../src/operators/choke/bySeeding.js'
import { chokeRound } from './rounds.js'

describe('bySeeding', () => {
  it('asks the one or the other', () => {
    const policy = bySeeding({ downloading: () => new Set([1]), seeding: () => new Set([2]) })
    expect(policy(chokeRound([]))).toEqual(new Set([1]))
    expect(policy(chokeRound([], { isSeeding: true }))).toEqual(new Set([2]))
  })
})
