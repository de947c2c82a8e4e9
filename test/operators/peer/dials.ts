import * as O from '#fp/Option'
import type { DialCandidate, DialContext } from '../../../src/operators/peer/policy.js'

/** An address that nobody has tried yet. */
export const candidate = (port: number, traits: Partial<DialCandidate> = {}): DialCandidate => ({
  host: '10.0.0.1',
  port,
  source: 'tracker',
  failures: 0,
  lastTriedAt: -Infinity,
  ...traits,
})

export const dialContext = (
  candidates: ReadonlyArray<DialCandidate>,
  traits: Partial<DialContext> = {},
): DialContext => ({
  now: 0,
  room: 10,
  candidates,
  connected: [],
  ownAddress: O.none,
  random: () => 0,
  ...traits,
})
