import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { createAddressVotes, voteAddress } from '../../../src/operators/peer/ownAddress.js'

const winnerOf = (says: ReadonlyArray<readonly [voter: string, host: string]>): string | undefined => {
  const votes = createAddressVotes()
  for (const [voter, host] of says) voteAddress(votes, voter, host)
  return votes.winner
}

describe('our own address', () => {
  it('is what three different hosts and most of all say', () => {
    expect(
      winnerOf([
        ['a', '8.8.8.8'],
        ['b', '8.8.8.8'],
      ]),
    ).toBeUndefined()
    expect(
      winnerOf([
        ['a', '8.8.8.8'],
        ['b', '8.8.8.8'],
        ['b', '8.8.8.8'],
      ]),
    ).toBeUndefined()
    expect(
      winnerOf([
        ['a', '8.8.8.8'],
        ['b', '8.8.8.8'],
        ['c', '8.8.8.8'],
        ['d', '9.9.9.9'],
      ]),
    ).toBe('8.8.8.8')
  })

  it('is not known while they disagree, and changes with what they say', () => {
    const split = ['a', 'b', 'c'].flatMap((name) => [
      [name, '8.8.8.8'] as const,
      [`${name}2`, '9.9.9.9'] as const,
    ])
    expect(winnerOf(split)).toBeUndefined()
    expect(winnerOf([...split, ['a', '9.9.9.9']])).toBe('9.9.9.9')
  })

  it.each([['192.168.1.2'], ['127.0.0.1'], ['0.0.0.0'], ['fe80::1'], ['nonsense']])('is not %s', (host) => {
    expect(winnerOf(['a', 'b', 'c', 'd'].map((voter) => [voter, host] as const))).toBeUndefined()
  })

  test.prop([fc.array(fc.tuple(fc.nat(500), fc.ipV4()), { maxLength: 300 })])(
    'is kept within bounds, whoever says what',
    (says) => {
      const votes = createAddressVotes()
      for (const [voter, host] of says) voteAddress(votes, String(voter), host)
      expect(votes.byVoter.size).toBeLessThanOrEqual(64)
    },
  )
})
