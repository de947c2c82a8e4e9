import { describe, expect, it } from 'vitest'
import type { FlushReach } from '../../../src/operators/resume/syncedPieces.js'
import { createVirtualClock } from '../../../src/streams/virtual/clock.js'
import { createVirtualResume } from '../../../src/streams/virtual/resumeStore.js'

/** What is left of two saves, each `reach`ing so far, when the power goes. */
const left = (...reaches: ReadonlyArray<FlushReach | undefined>): number | undefined => {
  const clock = createVirtualClock()
  const resume = createVirtualResume({ clock, latencyMs: 1 })
  reaches.forEach((reach, index) => {
    resume.store.save('id', Uint8Array.of(index + 1), reach).subscribe({ error: expect.unreachable })
    clock.advanceBy(10)
  })
  expect(resume.get('id')).toEqual(Uint8Array.of(reaches.length))
  resume.crash(() => false)
  return resume.get('id')?.[0]
}

describe('resume data of a virtual disk', () => {
  it('outlive a loss of power where they were to come to the device', () => {
    expect(left(undefined)).toBe(1)
    expect(left('device')).toBe(1)
    expect(left('system')).toBeUndefined()
    expect(left('device', 'system')).toBe(1)
    expect(left('system', 'device')).toBe(2)
  })
})
