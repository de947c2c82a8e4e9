import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import * as O from '#fp/Option'
import { anyContext, anyPolicy } from './arbitraries.js'

describe('a policy built from the parts', () => {
  test.prop([anyPolicy, anyContext], { numRuns: 1_000 })(
    'never answers what cannot be picked',
    (policy, at) => {
      const ctx = at()
      const answer = policy(ctx)
      fc.pre(O.isSome(answer))
      expect(ctx.canPick(answer.value)).toBe(true)
    },
  )
})
