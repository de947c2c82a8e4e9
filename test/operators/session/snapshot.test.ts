import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { createSnapshots } from '../../../src/operators/session/snapshot.js'
import type { SessionState } from '../../../src/operators/session/state.js'
import { checkedFixture } from '../../support/checkedFixture.js'

describe('snapshots', () => {
  it('keep the identity of what did not change', () => {
    const fixture = checkedFixture({ trackers: [['http://tracker.test/announce']] })
    const take = createSnapshots()
    const first = take(fixture.model)
    fixture.pass(250)
    const second = take(fixture.model)
    expect(second).not.toBe(first)
    for (const part of [
      'progress',
      'bitfield',
      'pieces',
      'peers',
      'trackers',
      'rates',
      'totals',
      'port',
    ] as const) {
      expect(second[part], part).toBe(first[part])
    }
  })

  it('never change once taken', () => {
    const fixture = checkedFixture({ pieces: 4 })
    const take = createSnapshots()
    const states: SessionState[] = [take(fixture.model)]
    const copies = [structuredClone(states[0])]
    fixture.onTurn(() => {
      const state = take(fixture.model)
      states.push(state)
      copies.push(structuredClone(state))
    })
    const seed = fixture.peer({ has: 'all' })
    seed.says({ _tag: 'Unchoke' })
    while (seed.owed.length > 0) seed.gives(1)
    fixture.pass(1_000)
    expect(states.length).toBeGreaterThan(8)
    states.forEach((state, i) => {
      expect(structuredClone(state)).toEqual(copies[i])
    })
    expect(states.at(-1)!.progress).toMatchObject({ havePieces: 4, fraction: 1, isComplete: true })
  })

  it('tell the progress, the rates and how long it will take', () => {
    const fixture = checkedFixture({ pieces: 100, blocks: 1, short: 1_000 })
    const take = createSnapshots()
    const seed = fixture.peer({ has: 'all' })
    seed.says({ _tag: 'Unchoke' })
    for (let i = 0; i < 40; i++) {
      seed.gives(1)
      fixture.pass(250)
    }
    const { progress, rates, pieces, peers } = take(fixture.model)
    expect(progress.havePieces).toBe(40)
    expect(progress.haveBytes).toBe(40 * 16_384 - (fixture.model.table.status[99] === 3 ? 1_000 : 0))
    expect(progress.totalBytes).toBe(100 * 16_384 - 1_000)
    expect(rates.down).toBeGreaterThan(60_000)
    expect(rates.down).toBeLessThan(70_000)
    expect(O.toUndefined(rates.eta)).toBeCloseTo((progress.totalBytes - progress.haveBytes) / rates.down, 5)
    expect([...pieces.availability]).toEqual(new Array(100).fill(1))
    expect(peers).toMatchObject([{ isSeed: true, fraction: 1, downloaded: 40 * 16_384, amInterested: true }])
  })
})
