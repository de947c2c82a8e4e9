import { describe, expect, it } from 'vitest'
import { createVirtualClock, type VirtualClock } from '../../../src/streams/virtual/clock.js'
import { createUplink, type Sender } from '../../../src/streams/virtual/uplink.js'

const sender = (clock: VirtualClock, name: string, size: number, sent: string[]): Sender => {
  let left = size
  return {
    cut: (limit) => {
      const count = Math.min(limit, left)
      left -= count
      return count === 0 ? undefined : new Uint8Array(count)
    },
    launch: (bytes) => {
      sent.push(`${String(clock.now())} ${name} ${String(bytes.length)}`)
    },
  }
}

describe('createUplink', () => {
  it('sends at its rate, its senders in turn', () => {
    const clock = createVirtualClock()
    const sent: string[] = []
    const uplink = createUplink(clock, 100_000, 1_000)
    uplink.offer(sender(clock, 'a', 2_500, sent))
    uplink.offer(sender(clock, 'b', 1_500, sent))
    clock.run()
    expect(sent).toEqual(['10 a 1000', '20 b 1000', '30 a 1000', '35 b 500', '40 a 500'])
  })

  it('sends at once without a bound', () => {
    const clock = createVirtualClock()
    const sent: string[] = []
    createUplink(clock, Infinity, 1_000).offer(sender(clock, 'a', 2_500, sent))
    expect(sent).toEqual(['0 a 1000', '0 a 1000', '0 a 500'])
    expect(clock.pending()).toBe(0)
  })

  it('cuts shorter chunks for a slow line', () => {
    const clock = createVirtualClock()
    const sent: string[] = []
    createUplink(clock, 200_000, 65_536).offer(sender(clock, 'a', 4_000, sent))
    createUplink(clock, 1_000, 65_536).offer(sender(clock, 'b', 2_000, sent))
    clock.run()
    expect(sent).toEqual(['10 a 2000', '20 a 2000', '1460 b 1460', '2000 b 540'])
  })

  it('drops a withdrawn sender, on the line or waiting, and goes on with the next', () => {
    const clock = createVirtualClock()
    const sent: string[] = []
    const uplink = createUplink(clock, 100_000, 1_000)
    const [a, b, c] = ['a', 'b', 'c'].map((name) => sender(clock, name, 1_000, sent))
    uplink.offer(a!)
    uplink.offer(b!)
    uplink.offer(c!)
    clock.advanceTo(4)
    uplink.withdraw(a!)
    uplink.withdraw(b!)
    clock.run()
    expect(sent).toEqual(['14 c 1000'])
    uplink.withdraw(c!)
    expect(clock.pending()).toBe(0)
  })

  it('takes an offer during a launch', () => {
    const clock = createVirtualClock()
    const sent: string[] = []
    const uplink = createUplink(clock, Infinity, 1_000)
    const second = sender(clock, 'b', 500, sent)
    uplink.offer({
      ...sender(clock, 'a', 1_000, sent),
      launch: () => {
        sent.push('a')
        uplink.offer(second)
      },
    })
    expect(sent).toEqual(['a', '0 b 500'])
  })
})
