import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { readShare } from '../../../src/streams/node/readShare.js'

const KiB = 1024

const reader = (): { isHeld: boolean; readonly read: (bytes: number) => void } => {
  const mayReadOn = readShare(() => {
    state.isHeld = false
  })
  const state = {
    isHeld: false,
    read: (bytes: number) => {
      state.isHeld = !mayReadOn(bytes)
    },
  }
  return state
}

/** What can be read at once, 16 KiB at a time. */
const readUntilHeld = (one: ReturnType<typeof reader>): number => {
  let bytes = 0
  while (!one.isHeld) {
    one.read(16 * KiB)
    bytes += 16 * KiB
  }
  return bytes
}

/** As many turns as it takes until all others are forgotten. */
const calmDown = async (): Promise<void> => {
  const probe = reader()
  for (let i = 0; i < 32 * 4; i++) {
    probe.read(1)
    await turnOfTheLoop()
  }
}

describe('readShare', () => {
  it('goes by the true loop, also where the clock is a fake', async () => {
    const fast = reader()
    vi.useFakeTimers()
    readUntilHeld(fast)
    vi.useRealTimers()
    await turnOfTheLoop()
    expect(fast.isHeld).toBe(false)
  })

  it('holds a reader until the next turn of the loop when it has had two megabytes', async () => {
    await calmDown()
    const alone = reader()
    for (let i = 0; i < 3; i++) {
      expect(readUntilHeld(alone)).toBe(2048 * KiB)
      await turnOfTheLoop()
      expect(alone.isHeld).toBe(false)
    }
  })

  it('counts each turn anew', async () => {
    await calmDown()
    const slow = reader()
    for (let i = 0; i < 20; i++) {
      slow.read(1024 * KiB)
      expect(slow.isHeld).toBe(false)
      await turnOfTheLoop()
    }
  })

  it('divides two megabytes among a few that are fast, has one read for each of a crowd, and forgets them one by one', async () => {
    await calmDown()
    const many = [1, 2, 3, 4, 5, 6].map(reader)
    const [one] = many
    for (const each of many.slice(0, 2)) each.read(64 * KiB)
    await turnOfTheLoop()
    expect(readUntilHeld(one!)).toBe(1024 * KiB)
    await turnOfTheLoop()
    for (const each of many) each.read(64 * KiB)
    await turnOfTheLoop()
    for (const each of many.slice(0, 4)) expect(readUntilHeld(each)).toBe(128 * KiB)
    await turnOfTheLoop()
    // Of four, which are as many as matter, three are left.
    for (let i = 0; i < 32; i++) {
      one!.read(64 * KiB)
      await turnOfTheLoop()
    }
    expect(readUntilHeld(one!)).toBe(688 * KiB)
    await turnOfTheLoop()
  })

  it('gives each of several one read more once a turn has had two megabytes', async () => {
    await calmDown()
    const many = [1, 2, 3].map(reader)
    expect(readUntilHeld(many[0]!)).toBe(2048 * KiB)
    for (const each of many.slice(1)) expect(readUntilHeld(each)).toBe(16 * KiB)
    await turnOfTheLoop()
  })

  it('gives many the same in turns, each to as many as it has bytes for, who waits longest first', async () => {
    await calmDown()
    const many = [...Array(20).keys()].map(reader)
    for (const each of many) each.read(128 * KiB)
    await turnOfTheLoop()
    // All that were held before the turn was over, and the first of them are let on.
    for (const each of many) if (!each.isHeld) each.read(128 * KiB)
    for (let i = 0; i < 50; i++) {
      await turnOfTheLoop()
      const free = many.filter(({ isHeld }) => !isHeld)
      expect(free).toHaveLength(4)
      for (const each of free) each.read(128 * KiB)
    }
    await calmDown()
    expect(many.filter(({ isHeld }) => isHeld)).toEqual([])
  })

  it('counts many slow ones for as much as a few fast ones', async () => {
    await calmDown()
    const many = [...Array(64).keys()].map(reader)
    for (const each of many) each.read(16 * KiB)
    await turnOfTheLoop()
    for (const each of many) each.read(16 * KiB)
    // Half a megabyte is what 32 of them read: those that follow have one read more.
    expect(many.map(({ isHeld }) => isHeld)).toEqual(many.map((_, index) => index >= 31))
    await turnOfTheLoop()
    await turnOfTheLoop()
    expect(many.filter(({ isHeld }) => isHeld)).toEqual([])
  })

  it('never lets who only chats wait for a crowd', async () => {
    await calmDown()
    const many = [...Array(20).keys()].map(reader)
    const chatty = reader()
    for (let i = 0; i < 20; i++) {
      for (const each of many) if (!each.isHeld) each.read(128 * KiB)
      chatty.read(1 * KiB)
      expect(chatty.isHeld).toBe(false)
      await turnOfTheLoop()
    }
    await calmDown()
  })

  it('lets who reads on although it is held go on once', async () => {
    await calmDown()
    let count = 0
    const mayReadOn = readShare(() => {
      count += 1
    })
    expect(mayReadOn(2048 * KiB)).toBe(false)
    expect(mayReadOn(16 * KiB)).toBe(false)
    await turnOfTheLoop()
    await turnOfTheLoop()
    expect(count).toBe(1)
  })

  it('takes no account of those that only chat', async () => {
    await calmDown()
    const chatty = [...Array(50).keys()].map(reader)
    for (const each of chatty) each.read(1 * KiB)
    await turnOfTheLoop()
    const fast = reader()
    for (const each of chatty) each.read(1 * KiB)
    expect(readUntilHeld(fast)).toBeGreaterThan(1900 * KiB)
    await turnOfTheLoop()
  })
})
