import { describe, expect, it } from 'vitest'
import { checkedFixture } from '../../support/checkedFixture.js'
import { type SessionFixture, storageFault } from '../../support/sessionFixture.js'

const stalledBy = (kind: 'disk-full' | 'permission' | 'io'): SessionFixture => {
  const fixture = checkedFixture({ pieces: 40, blocks: 1 })
  const seed = fixture.peer({ has: 'all' })
  seed.says({ _tag: 'Unchoke' })
  fixture.failsDisk({ kind })
  seed.gives(1)
  return fixture
}
const triesAt = (fixture: SessionFixture, ms: number): ReadonlyArray<number> => {
  const start = fixture.now()
  const tries: number[] = []
  for (let passed = 0, seen = fixture.effectsOf('WritePiece').length; passed < ms; passed += 250) {
    fixture.pass(250)
    const now = fixture.effectsOf('WritePiece').length
    if (now > seen) tries.push(fixture.now() - start)
    seen = now
  }
  return tries
}

describe('a storage that failed', () => {
  it.each(['disk-full', 'permission', 'io'] as const)('(%s) is tried after 1 s, then ever later', (kind) => {
    const fixture = stalledBy(kind)
    expect(triesAt(fixture, 130_000)).toEqual([1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000, 121_000])
    expect(fixture.model.phase).toBe('stalled')
    expect(fixture.noticesOf('StorageFailed')).toHaveLength(9)
  })

  it('is told once for many writes that fail alike, and again when it is tried', () => {
    const fixture = stalledBy('disk-full')
    const error = storageFault({ kind: 'disk-full' })
    const fail = (more: Partial<typeof error> = {}): void => {
      fixture.feed({
        _tag: 'StorageFailed',
        at: fixture.now(),
        piece: 1,
        bytes: 0,
        error: { ...error, ...more },
      })
    }
    const told = (): number => fixture.noticesOf('StorageFailed').length
    fail()
    const before = told()
    for (let i = 0; i < 900; i++) fail()
    expect(told()).toBe(before)
    fail({ file: 'another' })
    expect(told()).toBe(before + 1)
    fixture.pass(1_000)
    expect(told()).toBe(before + 2)
  })

  it('shows why, and when it is tried again', () => {
    const fixture = stalledBy('disk-full')
    expect(fixture.model.storage).toMatchObject({
      _tag: 'Stalled',
      error: { kind: 'disk-full', operation: 'write' },
      retryAt: fixture.now() + 1_000,
    })
    fixture.failsDisk(undefined)
    fixture.pass(1_000)
    expect(fixture.model.storage).toEqual({ _tag: 'Healthy' })
    expect(fixture.model.phase).toBe('downloading')
  })

  it('stays stalled while it is tried: nobody is unchoked only to be choked again', () => {
    const fixture = checkedFixture({ pieces: 4, blocks: 1, have: 'x' })
    const [seed, taker] = [fixture.peer({ has: 'all' }), fixture.peer({ has: '0000' })]
    taker.says({ _tag: 'Interested' })
    seed.says({ _tag: 'Unchoke' })
    fixture.failsDisk({ kind: 'disk-full' })
    seed.gives(1)
    fixture.pass(120_000)
    expect(taker.toldOf('Unchoke')).toHaveLength(1)
    expect(taker.toldOf('Choke')).toHaveLength(1)
    fixture.failsDisk(undefined)
    fixture.pass(30_000)
    expect(taker.toldOf('Unchoke')).toHaveLength(2)
  })

  it('that has worked again since is soon tried the next time', () => {
    const fixture = stalledBy('disk-full')
    fixture.pass(60_000)
    fixture.failsDisk(undefined)
    fixture.pass(30_000)
    expect(fixture.model.phase).toBe('downloading')
    const seed = fixture.peer({ has: 'all' })
    seed.says({ _tag: 'Unchoke' })
    seed.gives(2)
    fixture.failsDisk({ kind: 'disk-full' })
    seed.gives(1)
    expect(triesAt(fixture, 4_000)).toEqual([1_000, 3_000])
  })
})
