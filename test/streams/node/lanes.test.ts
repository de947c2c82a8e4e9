import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { createLanes } from '../../../src/streams/node/lanes.js'

describe('createLanes', () => {
  test.prop([fc.array(fc.record({ lane: fc.nat(2), turns: fc.nat(3) }), { maxLength: 30 })])(
    'runs one task a lane at a time, in order, and all of them',
    async (tasks) => {
      const inLane = createLanes()
      const running = new Set<number>()
      const order = new Map<number, number[]>()
      await Promise.all(
        tasks.map(
          ({ lane, turns }, index) =>
            new Promise<void>((resolve) => {
              inLane(lane, (done) => {
                expect(running.has(lane)).toBe(false)
                running.add(lane)
                order.set(lane, [...(order.get(lane) ?? []), index])
                const wait = (left: number): void => {
                  if (left > 0) setImmediate(wait, left - 1)
                  else {
                    running.delete(lane)
                    done()
                    resolve()
                  }
                }
                setImmediate(wait, turns)
              })
            }),
        ),
      )
      for (const indexes of order.values()) expect(indexes).toEqual([...indexes].sort((a, b) => a - b))
      expect([...order.values()].flat().length).toBe(tasks.length)
    },
  )

  it('does not let one lane wait for another', () => {
    const inLane = createLanes()
    const begun: number[] = []
    inLane(1, () => begun.push(1))
    inLane(1, () => begun.push(2))
    inLane(2, () => begun.push(3))
    expect(begun).toEqual([1, 3])
  })
})
