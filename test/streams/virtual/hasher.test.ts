import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createVirtualClock } from '../../../src/streams/virtual/clock.js'
import { createVirtualHasher } from '../../../src/streams/virtual/hasher.js'

describe('createVirtualHasher', () => {
  it('answers after its latency with the digest and the bytes, in a new view', () => {
    const clock = createVirtualClock()
    const hasher = createVirtualHasher({ clock, latencyMs: 5, rate: 1_000 })
    const bytes = new Uint8Array(new ArrayBuffer(110), 10, 100).fill(3)
    const digest = createHash('sha1').update(bytes).digest('hex')
    const seen: string[] = []
    hasher.sha1(bytes).subscribe({
      next: (result) => {
        seen.push(`${String(clock.now())} ${Buffer.from(result.digest).toString('hex')}`)
        expect(result.bytes).toHaveLength(100)
        expect(result.bytes.byteOffset).toBe(10)
        expect(result.bytes.every((byte) => byte === 3)).toBe(true)
      },
      error: expect.unreachable,
    })
    expect(bytes).toHaveLength(0)
    clock.run()
    expect(seen).toEqual([`105 ${digest}`])
  })

  it('takes nothing before the subscription, and leaves nothing after it', () => {
    const clock = createVirtualClock()
    const bytes = new Uint8Array(8)
    const digest$ = createVirtualHasher({ clock }).sha1(bytes)
    expect(bytes).toHaveLength(8)
    digest$.subscribe({ next: () => expect.unreachable(), error: expect.unreachable }).unsubscribe()
    expect(clock.pending()).toBe(0)
    clock.advanceBy(10)
  })
})
