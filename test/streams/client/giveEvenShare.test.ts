import { describe, expect, it } from 'vitest'
import type { SessionCommand } from '../../../src/operators/session/command.js'
import { giveEvenShare } from '../../../src/streams/client/giveEvenShare.js'

const MiB = 1024 * 1024
const budget = { connections: 200, unchokeSlots: 64, memory: 64 * MiB }

const toldOf = (count: number, pieceLength = MiB): ReadonlyArray<SessionCommand> => {
  const told: SessionCommand[] = []
  const most = { connections: 50, unchokeSlots: 8 }
  const tell = (command: SessionCommand): void => {
    told.push(command)
  }
  giveEvenShare(budget, { most, share: most, pieceLength, memory: 64 * MiB, tell }, count)
  return told
}

describe('giveEvenShare', () => {
  it('leaves all to one alone', () => {
    expect(toldOf(1)).toEqual([])
  })

  it('gives one of many an even part, and no more than the most that it may have', () => {
    expect(toldOf(2)).toEqual([{ _tag: 'SetMemory', bytes: 32 * MiB }])
    expect(toldOf(20)).toEqual([
      { _tag: 'SetConnectionLimits', connections: 10, unchokeSlots: 3 },
      { _tag: 'SetMemory', bytes: Math.floor((64 * MiB) / 20) },
    ])
  })

  it('gives nobody less than he can work with', () => {
    expect(toldOf(1_000)).toEqual([
      { _tag: 'SetConnectionLimits', connections: 1, unchokeSlots: 1 },
      { _tag: 'SetMemory', bytes: 2 * MiB },
    ])
    expect(toldOf(1_000, 4 * MiB)).toContainEqual({ _tag: 'SetMemory', bytes: 8 * MiB })
  })
})
