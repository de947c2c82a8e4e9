import { fc } from '@fast-check/vitest'
import type { QueueContext, QueueEntry } from '../../../src/operators/queue/policy.js'

export const NOW = 10_000_000

/** A download that waits, added at the time that its key tells. */
export const queueEntry = (key: string, traits: Partial<QueueEntry> = {}): QueueEntry => ({
  key,
  phase: 'paused',
  desired: 'running',
  fraction: 0.5,
  downRate: 0,
  upRate: 0,
  ratio: 0,
  addedAt: 0,
  activeSince: undefined,
  movedAt: 0,
  seeds: 5,
  leechers: 5,
  ...traits,
})

const ago = fc.nat(1_000_000).map((ms) => NOW - ms)

const anyEntry = fc.record({
  phase: fc.constantFrom('opening', 'checking', 'downloading', 'seeding', 'paused', 'stalled'),
  desired: fc.constantFrom('running', 'running', 'running', 'paused'),
  fraction: fc.constantFrom(0, 0.5, 1),
  ratio: fc.oneof(fc.nat(5), fc.constant(Infinity)),
  addedAt: ago,
  activeSince: fc.oneof(fc.constant(undefined), ago),
  movedAt: ago,
  seeds: fc.nat(20),
  leechers: fc.nat(20),
}) satisfies fc.Arbitrary<Partial<QueueEntry>>

/** Any view of a client's sessions. */
export const anyQueue: fc.Arbitrary<QueueContext> = fc
  .array(anyEntry, { maxLength: 40 })
  .map((entries) => ({ now: NOW, sessions: entries.map((entry, i) => queueEntry(`s${String(i)}`, entry)) }))
