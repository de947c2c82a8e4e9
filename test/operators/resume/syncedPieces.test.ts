import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import type { ResumeData } from '../../../src/codecs/resume.js'
import { createSyncedPieces } from '../../../src/operators/resume/syncedPieces.js'

const bits = (...bytes: ReadonlyArray<number>): Uint8Array => Uint8Array.from(bytes)
const begun = [{ piece: 9, blocks: bits(0x80) }]

const dataOf = (pieces: Uint8Array, unsynced: ResumeData['unsynced']): ResumeData => ({
  infohash: new Uint8Array(20),
  pieces,
  unsynced,
  blockLength: 16_384,
  partial: begun,
  priorities: [],
  peers: [],
  trackers: [],
  removedTrackers: [],
  renamed: [],
  totals: { downloaded: 0, uploaded: 0 },
  files: [],
  addedAt: 0,
})

describe('what is on the device', () => {
  it('is what was claimed before a flush that reached it', () => {
    const synced = createSyncedPieces('this')
    const first = synced.flushed({ pieces: bits(0xf0), partial: [] }, 'system')
    expect(first).toEqual(O.some({ bootId: 'this', pieces: bits(0xf0) }))
    expect(synced.flushed({ pieces: bits(0xf0), partial: [] }, 'device')).toEqual(O.none)
    expect(synced.flushed({ pieces: bits(0xf0), partial: [] }, 'system')).toEqual(O.none)
    const second = synced.flushed({ pieces: bits(0xf8), partial: [] }, 'system')
    expect(second).toEqual(O.some({ bootId: 'this', pieces: bits(0x08) }))
  })

  it('is none of what is written again, also while a flush is under way', () => {
    const synced = createSyncedPieces('this')
    synced.flushing()
    synced.wrote(1, 2)
    expect(synced.flushed({ pieces: bits(0xf0), partial: [] }, 'device')).toEqual(O.none)
    expect(synced.flushed({ pieces: bits(0xf0), partial: [] }, 'system')).toEqual(
      O.some({ bootId: 'this', pieces: bits(0x60) }),
    )
    synced.flushing()
    synced.flushed({ pieces: bits(0xf0), partial: [] }, 'device')
    expect(synced.flushed({ pieces: bits(0xf0), partial: [] }, 'system')).toEqual(O.none)
    synced.wrote(3, 3)
    expect(synced.flushed({ pieces: bits(0xf0), partial: [] }, 'system')).toEqual(
      O.some({ bootId: 'this', pieces: bits(0x10) }),
    )
  })

  it('is not known of blocks of pieces that are under way', () => {
    const synced = createSyncedPieces('this')
    synced.flushed({ pieces: bits(0xf0, 0), partial: [] }, 'device')
    expect(synced.flushed({ pieces: bits(0xf0, 0), partial: begun }, 'system')).toEqual(
      O.some({ bootId: 'this', pieces: bits(0, 0) }),
    )
  })

  it('is all that counts where nobody knows one run of the system from the next', () => {
    const synced = createSyncedPieces(undefined)
    expect(synced.reach('system')).toBe('device')
    expect(synced.flushed({ pieces: bits(0xff), partial: begun }, synced.reach('system'))).toEqual(O.none)
    expect(createSyncedPieces('this').reach('system')).toBe('system')
  })
})

describe('what an earlier run has left', () => {
  const saved = dataOf(bits(0xff, 0), O.some({ bootId: 'this', pieces: bits(0x0f, 0) }))

  it('is taken whole while the same system runs, and is still to be put on the device', () => {
    const synced = createSyncedPieces('this')
    const { data, inherited } = synced.recall(saved)
    expect(data).toEqual({ ...saved, unsynced: O.none })
    // Piece 9 has blocks.
    expect(inherited).toEqual(O.some(bits(0x0f, 0x40)))
    expect(synced.flushed({ pieces: bits(0xff, 0), partial: [] }, 'system')).toEqual(
      O.some({ bootId: 'this', pieces: bits(0x0f, 0) }),
    )
  })

  it.each([['another'], [undefined]])('is left in doubt by a system that is %s', (bootId) => {
    const { data, inherited } = createSyncedPieces(bootId).recall(saved)
    expect(data).toBe(saved)
    expect(inherited).toEqual(O.none)
  })

  it('on the device stays there', () => {
    const synced = createSyncedPieces('this')
    const whole = dataOf(bits(0xff, 0), O.none)
    expect(synced.recall(whole)).toEqual({ data: whole, inherited: O.none })
    expect(synced.flushed({ pieces: bits(0xff, 0), partial: [] }, 'system')).toEqual(O.none)
  })
})

test.prop([
  fc.array(
    fc.record({ gained: fc.integer({ min: 0, max: 255 }), reach: fc.constantFrom('system', 'device') }),
  ),
])('a claim is unsynced until a flush after it reaches the device', (saves) => {
  const synced = createSyncedPieces('this')
  let have = 0
  let onDevice = 0
  for (const { gained, reach } of saves) {
    have |= gained
    if (reach === 'device') onDevice = have
    const unsynced = synced.flushed({ pieces: bits(have), partial: [] }, reach)
    const rest = have & ~onDevice
    expect(unsynced).toEqual(rest === 0 ? O.none : O.some({ bootId: 'this', pieces: bits(rest) }))
  }
})
