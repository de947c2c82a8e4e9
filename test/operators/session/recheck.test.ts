import { describe, expect, it } from 'vitest'
import type { WireMessage } from '../../../src/codecs/wire/message.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import { type SessionFixture, sessionFixture, storageFault } from '../../support/sessionFixture.js'

const UNCHOKE: WireMessage = { _tag: 'Unchoke' }

/** The disk's answer: `x` is right. */
const found = (fixture: SessionFixture, verdicts: string, first = 0): void => {
  const ok = Uint8Array.from(verdicts, (verdict) => Number(verdict === 'x'))
  const recheck = fixture.effectsOf('CheckPieces').at(-1)!.recheck!
  fixture.feed({ _tag: 'PiecesChecked', at: fixture.now(), first, ok, recheck })
}
const hashFails = (fixture: SessionFixture): void => {
  const error = storageFault({ operation: 'hash', kind: 'permission' })
  fixture.feed({ _tag: 'StorageFailed', at: fixture.now(), piece: -1, bytes: 0, error })
}
const had = ({ model }: SessionFixture): string =>
  Array.from(model.table.status, (status) => (status === 3 ? 'x' : '.')).join('')

/** A check of all, during which a piece came that is not yet in the storage. */
const writtenMeanwhile = () => {
  const fixture = checkedFixture({ pieces: 2, blocks: 1, hasQuickDisk: false })
  const seed = fixture.peer({ has: 'all' })
  seed.says(UNCHOKE)
  const { piece } = seed.owed[0]!
  seed.gives(1)
  fixture.command({ _tag: 'Recheck', id: 1 })
  return { fixture, seed, piece }
}

describe('a check that is asked for', () => {
  it('goes by what it finds: what is wrong is fetched again, what is there is had', () => {
    const fixture = checkedFixture({ pieces: 4, blocks: 1, have: 'xx..' })
    const seed = fixture.peer({ has: 'all' })
    fixture.command({ _tag: 'Recheck', id: 1 })
    expect(fixture.model.phase).toBe('checking')
    expect(fixture.effects.slice(-2)).toMatchObject([
      { _tag: 'ReleaseHandles' },
      { _tag: 'CheckPieces', first: 0, last: 3 },
    ])
    found(fixture, 'x.')
    expect(had(fixture), 'nothing is believed before the end').toBe('xx..')
    found(fixture, 'x.', 2)
    expect(had(fixture)).toBe('x.x.')
    expect(fixture.model.phase).toBe('downloading')
    expect(fixture.noticesOf('PiecesGone')).toMatchObject([{ pieces: [1] }])
    expect(fixture.noticesOf('Rechecked').map(({ progress }) => progress)).toEqual([
      { pieceCount: 4, checkedPieces: 2, havePieces: 1, isDone: false },
      { pieceCount: 4, checkedPieces: 4, havePieces: 2, isDone: true },
    ])
    seed.says(UNCHOKE)
    expect(seed.owed.map(({ piece }) => piece).sort()).toEqual([1, 3])
    seed.gives(2)
    expect(fixture.model.phase).toBe('seeding')
  })

  it('of a seed that lost something makes it download, and tells of completion once more but to no tracker', () => {
    const fixture = checkedFixture({ pieces: 2, blocks: 1, have: 'xx', trackers: [['http://t.test/a']] })
    fixture.command({ _tag: 'Recheck', id: 1 })
    found(fixture, '.x')
    expect(fixture.model.phase).toBe('downloading')
    expect(fixture.model.isFlushed).toBe(false)
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    seed.gives(1)
    expect(fixture.model.phase).toBe('seeding')
    expect(fixture.noticesOf('Completed')).toHaveLength(2)
    fixture.pass(1_000)
    expect(fixture.effectsOf('Announce').map(({ request }) => request.event)).toEqual(['started'])
  })

  it('finds the user’s own peers again that had nothing to give before', () => {
    const fixture = checkedFixture({
      pieces: 2,
      blocks: 1,
      have: 'xx',
      peers: [{ host: '10.9.9.9', port: 9 }],
    })
    const [dial] = fixture.effectsOf('Dial')
    fixture.peer({ key: dial!.peer, direction: 'outgoing', ...dial!.address, has: 'all' })
    fixture.pass(60_000)
    expect(fixture.effectsOf('Dial'), 'both are seeds').toHaveLength(1)
    fixture.command({ _tag: 'Recheck', id: 1 })
    found(fixture, '.x')
    fixture.pass(250)
    expect(fixture.effectsOf('Dial')).toHaveLength(2)
  })

  it('completes a download whose data somebody has put there', () => {
    const fixture = checkedFixture({ pieces: 2, blocks: 2 })
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    seed.gives(1)
    fixture.command({ _tag: 'Recheck', id: 1 })
    found(fixture, 'xx')
    expect(fixture.model.phase).toBe('seeding')
    expect(fixture.noticesOf('Completed')).toHaveLength(1)
    expect(fixture.model.downloads.byPiece.size).toBe(0)
  })

  it('asks and serves nothing meanwhile, and all goes on after it', () => {
    const fixture = checkedFixture({ pieces: 40, blocks: 2, have: 'x' })
    const [seed, taker] = [fixture.peer({ has: 'all' }), fixture.peer({ has: '0'.repeat(40) })]
    seed.says(UNCHOKE)
    taker.says({ _tag: 'Interested' })
    const asked = seed.toldOf('Request').length
    fixture.command({ _tag: 'Recheck', id: 1 })
    expect(taker.toldOf('Choke')).toHaveLength(1)
    expect(seed.toldOf('Cancel')).toHaveLength(asked)
    fixture.pass(60_000)
    expect(seed.toldOf('Request')).toHaveLength(asked)
    expect(seed.closedFor()).toBeUndefined()
    found(fixture, `x${'.'.repeat(39)}`)
    expect(seed.toldOf('Request').length).toBeGreaterThan(asked)
    expect(taker.toldOf('Unchoke')).toHaveLength(2)
  })

  it('believes a piece that was written while it ran, whatever it saw', () => {
    const { fixture, piece } = writtenMeanwhile()
    found(fixture, '.')
    fixture.answerDisk()
    fixture.answerDisk()
    found(fixture, '.', 1)
    expect(fixture.model.table.status[piece]).toBe(3)
  })

  it('does not believe a piece that was written while it ran, and is gone since', () => {
    const { fixture, seed, piece } = writtenMeanwhile()
    fixture.answerDisk()
    fixture.answerDisk()
    expect(had(fixture)[piece]).toBe('x')
    const error = storageFault({ operation: 'read', kind: 'missing' })
    const range = { piece, begin: 0, length: 16_384, blockLength: 16_384 }
    fixture.feed({ ...range, _tag: 'ServeFailed', at: fixture.now(), peer: seed.key, error })
    found(fixture, '..')
    expect(had(fixture)).toBe('..')
  })

  it('leaves everything as it was when it is cancelled', () => {
    const fixture = checkedFixture({ pieces: 4, blocks: 1, have: 'xx..' })
    fixture.command({ _tag: 'Recheck', id: 1 })
    const { recheck } = fixture.effectsOf('CheckPieces').at(-1)!
    found(fixture, '...')
    fixture.command({ _tag: 'CancelRecheck', id: 1 })
    expect(fixture.effectsOf('CancelCheck')).toHaveLength(1)
    expect(fixture.model.phase).toBe('downloading')
    const at = fixture.now()
    fixture.feed({ _tag: 'PiecesChecked', at, first: 3, ok: Uint8Array.of(0), recheck: recheck! })
    expect(had(fixture)).toBe('xx..')
    fixture.command({ _tag: 'CancelRecheck', id: 1 })
    expect(fixture.model.phase).toBe('downloading')
  })

  it('is shared: the last who cancels ends it', () => {
    const fixture = checkedFixture({ pieces: 2, have: 'xx' })
    fixture.command({ _tag: 'Recheck', id: 1 })
    fixture.command({ _tag: 'Recheck', id: 2 })
    expect(fixture.effectsOf('CheckPieces'), 'the first one of all, and one').toHaveLength(2)
    fixture.command({ _tag: 'CancelRecheck', id: 1 })
    expect(fixture.model.phase).toBe('checking')
    fixture.command({ _tag: 'CancelRecheck', id: 2 })
    expect(fixture.model.phase).toBe('seeding')
  })

  it('that breaks off says so, and what was known stands', () => {
    const fixture = checkedFixture({ pieces: 2, have: 'x.' })
    fixture.command({ _tag: 'Recheck', id: 1 })
    found(fixture, '.')
    hashFails(fixture)
    expect(had(fixture)).toBe('x.')
    expect(fixture.model.phase).toBe('downloading')
    expect(fixture.noticesOf('RecheckFailed')).toMatchObject([{ error: { kind: 'permission' } }])
    expect(fixture.noticesOf('StorageFailed')).toEqual([])
    hashFails(fixture)
    expect(fixture.model.phase).toBe('downloading')
  })

  it('while the first one runs is that one', () => {
    const fixture = sessionFixture({ pieces: 2 })
    fixture.model.stage = 'checking'
    fixture.command({ _tag: 'Recheck', id: 1 })
    const at = fixture.now()
    fixture.feed({ _tag: 'PiecesChecked', at, first: 0, ok: Uint8Array.of(1) })
    fixture.feed({ _tag: 'PiecesChecked', at, first: 1, ok: Uint8Array.of(1) })
    expect(fixture.noticesOf('Rechecked').map(({ progress }) => progress.isDone)).toEqual([false, true])
    expect(fixture.effectsOf('CheckPieces')).toHaveLength(1)
  })

  it('of a torrent without a byte is over at once', () => {
    const fixture = sessionFixture({ pieces: 0 })
    fixture.command({ _tag: 'Recheck', id: 1 })
    expect(fixture.noticesOf('Rechecked')).toMatchObject([{ progress: { pieceCount: 0, isDone: true } }])
    expect(fixture.model.phase).toBe('seeding')
  })

  it('can be made during a pause, which goes on after it', () => {
    const fixture = checkedFixture({ pieces: 2, have: 'xx' })
    fixture.command({ _tag: 'SetDesired', desired: 'paused' })
    fixture.command({ _tag: 'Recheck', id: 1 })
    expect(fixture.model.phase).toBe('checking')
    found(fixture, '.x')
    expect(fixture.model.phase).toBe('paused')
    expect(had(fixture)).toBe('.x')
  })

  it('is dropped by a stop', () => {
    const fixture = checkedFixture({ pieces: 2, have: 'xx' })
    fixture.command({ _tag: 'Recheck', id: 1 })
    fixture.command({ _tag: 'Stop' })
    expect(fixture.effectsOf('CancelCheck')).toHaveLength(1)
    expect(fixture.model.phase).toBe('stopped')
  })
})
