import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { readShare } from '../../../src/streams/node/readShare.js'

const KiB = 1024

const reader = (): { isHeld: boolean; readonly read: (bytes: number) => void } => {
  const state = {
    isHeld: false,
    read: readShare({
      hold: () => {
        state.isHeld = true
      },
      release: () => {
        state.isHeld = false
      },
    }),
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

describe('readShare', () => {
  it('holds a reader for a turn of the loop when it has had half a megabyte', async () => {
    const alone = reader()
    for (let i = 0; i < 3; i++) {
      expect(readUntilHeld(alone)).toBe(512 * KiB)
      await turnOfTheLoop()
      expect(alone.isHeld).toBe(false)
    }
  })

  it('counts over turns: a slow one is held as seldom', async () => {
    const slow = reader()
    for (let i = 0; i < 31; i++) {
      slow.read(16 * KiB)
      await turnOfTheLoop()
    }
    expect(slow.isHeld).toBe(false)
    slow.read(16 * KiB)
    expect(slow.isHeld).toBe(true)
    await turnOfTheLoop()
  })

  it('divides it among those that were held, down to one read, and forgets them one by one', async () => {
    const many = [1, 2, 3, 4, 5, 6].map(reader)
    const [one] = many
    for (const each of many.slice(0, 2)) readUntilHeld(each)
    await turnOfTheLoop()
    expect(readUntilHeld(one!)).toBe(256 * KiB)
    await turnOfTheLoop()
    expect(readUntilHeld(one!)).toBe(512 * KiB)
    for (const each of many) readUntilHeld(each)
    await turnOfTheLoop()
    for (const each of many) expect(readUntilHeld(each)).toBe(128 * KiB)
    await turnOfTheLoop()
    // Six, then five, four, three.
    for (let i = 0; i < 3; i++) {
      readUntilHeld(one!)
      await turnOfTheLoop()
    }
    expect(readUntilHeld(one!)).toBe(176 * KiB)
    await turnOfTheLoop()
  })
})
