import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { createBits, setBit } from '../../../src/operators/piece/bitfield.js'
import type { SessionEffect } from '../../../src/operators/session/effect.js'
import { markResumeChanged, removeResume, saveResume } from '../../../src/operators/session/saveResume.js'
import { type SessionFixture, sessionFixture, storageFault } from '../../support/sessionFixture.js'

/** A session with a place to keep resume data, its check over. */
const keeping = (have = ''): SessionFixture => {
  const fixture = sessionFixture({ have, blocks: 4 })
  fixture.model.resume.isKept = true
  return fixture
}
const saves = (fixture: SessionFixture): number => fixture.effectsOf('SaveResume').length
const saved = (fixture: SessionFixture): void => {
  fixture.feed({ _tag: 'ResumeSaved', at: fixture.now() })
}

/** As when payload has come to rest. */
const saveAll = ({
  model,
}: SessionFixture): (SessionEffect & { readonly _tag: 'SaveResume' }) | undefined => {
  saveResume(model, 'all')
  return model.effects.find((effect) => effect._tag === 'SaveResume')
}

describe('saving resume data', () => {
  it('is asked for once at a time; what was asked for meanwhile comes after', () => {
    const fixture = keeping('xx')
    fixture.command({ _tag: 'SaveResume' })
    fixture.command({ _tag: 'SaveResume' })
    fixture.command({ _tag: 'SaveResume' })
    expect(saves(fixture)).toBe(1)
    saved(fixture)
    expect(saves(fixture)).toBe(2)
    saved(fixture)
    expect(saves(fixture)).toBe(2)
    expect(fixture.noticesOf('ResumeSaved').length).toBe(2)
  })

  it('claims pieces that are written, not those that are on their way', () => {
    const fixture = sessionFixture({ blocks: 2, hasQuickDisk: false })
    fixture.model.resume.isKept = true
    const peer = fixture.peer({ has: 'all' })
    peer.says({ _tag: 'Unchoke' })
    const { piece } = peer.owed[0]!
    peer.gives(2)
    fixture.answerDisk() // the hash is right
    fixture.command({ _tag: 'SaveResume' })
    fixture.answerDisk() // and now it is written
    saved(fixture)
    fixture.command({ _tag: 'SaveResume' })
    const [before, after] = fixture.effectsOf('SaveResume').map(({ claims }) => claims)
    const bits = createBits(8)
    expect(before!.pieces).toEqual(bits)
    expect(before!.partial).toEqual([])
    setBit(bits, piece)
    expect(after!.pieces).toEqual(bits)
  })

  it('has the blocks of pieces begun written first where it is to save all, and asks for none meanwhile', () => {
    const fixture = keeping()
    const peer = fixture.peer({ has: 'all' })
    peer.says({ _tag: 'Unchoke' })
    const { piece } = peer.owed[0]!
    peer.gives(2)
    const save = saveAll(fixture)
    const blocks = Uint8Array.of(0b1100_0000)
    expect(save!.blocks).toEqual([{ piece, slot: expect.any(Number) as number, blocks }])
    expect(save!.claims.partial).toEqual([{ piece, blocks }])
    const other = fixture.peer({ has: 'all' })
    other.says({ _tag: 'Unchoke' })
    expect(other.toldOf('Request')).toEqual([])
    fixture.feed({ _tag: 'BlocksStored', at: fixture.now(), pieces: [piece] })
    expect(other.toldOf('Request').length).toBeGreaterThan(0)
    saved(fixture)
    // What is there is not written again.
    const again = saveAll(fixture)!
    expect(again.blocks).toEqual([])
    expect(again.claims.partial).toEqual([{ piece, blocks }])
  })

  it('is due when something else has changed, too', () => {
    const fixture = keeping('xxxxxxxx')
    fixture.pass(1_000)
    expect(saves(fixture)).toBe(1)
    saved(fixture)
    fixture.pass(120_000)
    expect(saves(fixture)).toBe(1)
    markResumeChanged(fixture.model)
    fixture.pass(1_000)
    expect(saves(fixture)).toBe(2)
  })

  it('holds up the end until it is over, well or badly', () => {
    for (const isGood of [true, false]) {
      const fixture = keeping('xx')
      fixture.command({ _tag: 'SaveResume' })
      fixture.command({ _tag: 'Stop' })
      expect(fixture.model.phase).toBe('stopping')
      saved(fixture)
      expect(saves(fixture)).toBe(2)
      expect(fixture.model.phase).toBe('stopping')
      if (isGood) saved(fixture)
      else {
        const error = storageFault({ operation: 'flush' })
        fixture.feed({ _tag: 'ResumeSaveFailed', at: fixture.now(), error })
        expect(fixture.noticesOf('ResumeSaveFailed')).toMatchObject([{ error }])
      }
      expect(fixture.model.phase).toBe('stopped')
    }
  })

  it('holds up the end no longer than anything else', () => {
    const fixture = keeping('xx')
    fixture.command({ _tag: 'Stop' })
    fixture.pass(5_000)
    expect(fixture.model.phase).toBe('stopped')
  })
})

describe('removing resume data', () => {
  it('is for good: nothing is saved any more, not at the end either', () => {
    const fixture = keeping('xx')
    fixture.command({ _tag: 'SaveResume' })
    fixture.command({ _tag: 'SaveResume' })
    removeResume(fixture.model)
    expect(fixture.model.effects).toContainEqual({ _tag: 'RemoveResume' })
    saved(fixture)
    fixture.command({ _tag: 'SaveResume' })
    fixture.command({ _tag: 'Stop' })
    expect(fixture.model.phase).toBe('stopping')
    fixture.feed({ _tag: 'ResumeRemoved', at: fixture.now(), problem: O.none })
    expect(fixture.model.phase).toBe('stopped')
    expect(saves(fixture)).toBe(1)
  })

  it('that fails is told', () => {
    const fixture = keeping()
    removeResume(fixture.model)
    const error = { _tag: 'ResumeStoreFailed', operation: 'remove', code: 'EACCES' } as const
    fixture.feed({ _tag: 'ResumeRemoved', at: fixture.now(), problem: O.some(error) })
    expect(fixture.noticesOf('ResumeSaveFailed')).toMatchObject([{ error }])
  })
})
