import { describe, expect, it } from 'vitest'
import { checkedFixture } from '../../support/checkedFixture.js'
import { extendedPeer, toldExtended } from '../../support/extendedPeer.js'
import { type FakePeer, type SessionFixture, storageFault } from '../../support/sessionFixture.js'

const request = (piece: number, begin = 0) => ({ _tag: 'Request', piece, begin, length: 16_384 }) as const

/** A seed, and a peer that waits for blocks of two pieces. */
const serving = (fast = true): { readonly fixture: SessionFixture; readonly taker: FakePeer } => {
  const fixture = checkedFixture({ pieces: 3, have: 'xxx' })
  const taker = fixture.peer({ has: '000', fast })
  taker.says({ _tag: 'Interested' })
  taker.model()!.isFull = true
  taker.says(request(0), request(0, 16_384), request(1))
  return { fixture, taker }
}
const cannotRead = (
  fixture: SessionFixture,
  peer: FakePeer,
  piece: number,
  code = 'EOF',
  file = 'data',
): void => {
  const error = storageFault({ operation: 'read', kind: 'missing', file, code })
  const range = { piece, begin: 0, length: 16_384, blockLength: 16_384 }
  fixture.feed({ ...range, _tag: 'ServeFailed', at: fixture.now(), peer: peer.key, error })
}

describe('a reader that does not find a piece', () => {
  it('has it fetched again, if it was had', () => {
    const fixture = checkedFixture({ pieces: 3, have: 'xx.' })
    const giver = fixture.peer({ has: '100' })
    giver.says({ _tag: 'Unchoke' })
    expect(giver.owed).toEqual([])
    fixture.command({ _tag: 'ReportGone', piece: 0, file: 'data', isWholeFile: false })
    fixture.command({ _tag: 'ReportGone', piece: 0, file: 'data', isWholeFile: false })
    fixture.command({ _tag: 'ReportGone', piece: 2, file: 'data', isWholeFile: false })
    expect(fixture.noticesOf('PiecesGone')).toMatchObject([{ pieces: [0], file: 'data' }])
    expect(giver.owed.map(({ piece }) => piece)).toEqual([0, 0])
    fixture.command({ _tag: 'ReportGone', piece: 3, file: 'data', isWholeFile: false })
    expect(fixture.noticesOf('CommandRefused')).toMatchObject([{ why: 'no pieces 3 to 3' }])
  })
})

describe('a file that is gone from the disk', () => {
  it('takes all its pieces with it: made anew, it would read as zeros', () => {
    const fixture = checkedFixture({ files: [1, 2], have: 'xxx' })
    const [, second] = fixture.model.config.metainfo.files
    const taker = fixture.peer({ has: '000' })
    cannotRead(fixture, taker, 2, 'ENOENT', second!.path.join('/'))
    expect(fixture.noticesOf('PiecesGone')).toMatchObject([{ pieces: [1, 2] }])
    const other = checkedFixture({ files: [1, 2], have: 'xxx' })
    const command = { _tag: 'ReportGone', piece: 1, file: second!.path.join('/'), isWholeFile: true } as const
    other.command(command)
    expect(other.noticesOf('PiecesGone')).toMatchObject([{ pieces: [1, 2] }])
  })
})

describe('a piece that is gone from the disk', () => {
  it('is refused and fetched again, while the others are served', () => {
    const { fixture, taker } = serving()
    const seed = fixture.peer({ has: '111' })
    cannotRead(fixture, taker, 0)
    expect(fixture.model.phase).toBe('downloading')
    expect(fixture.noticesOf('PiecesGone')).toMatchObject([{ pieces: [0], file: 'data' }])
    expect(fixture.noticesOf('StorageFailed')).toEqual([])
    const refused = taker.toldOf('RejectRequest').map(({ piece, begin }) => [piece, begin])
    expect(refused, 'the one that failed, and those that wait').toEqual([
      [0, 0],
      [0, 0],
      [0, 16_384],
    ])
    fixture.feed({ _tag: 'PeerDrained', at: fixture.now(), peer: taker.key })
    expect(fixture.effectsOf('ServeBlocks').map(({ piece }) => piece)).toEqual([1])
    taker.says(request(0))
    expect(taker.toldOf('RejectRequest')).toHaveLength(4)
    // Both-seeds closed it; a leech that has the piece will do.
    expect(seed.closedFor()).toEqual({ _tag: 'NotNeeded', why: 'both-seeds' })
    const giver = fixture.peer({ has: '100' })
    giver.says({ _tag: 'Unchoke' })
    expect(giver.owed.map(({ piece }) => piece)).toEqual([0, 0])
    giver.gives(2)
    expect(fixture.model.phase).toBe('seeding')
    fixture.pass(250)
    expect(taker.toldOf('Have').map(({ piece }) => piece)).toEqual([0])
  })

  it('is taken back from those who know how (BEP 54)', () => {
    const fixture = checkedFixture({ pieces: 3, have: 'xxx' })
    const [knows, does] = [extendedPeer(fixture, ['lt_donthave']), extendedPeer(fixture, [])]
    fixture.command({ _tag: 'ReportGone', piece: 2, file: 'data', isWholeFile: false })
    expect(toldExtended(knows, 'lt_donthave').map((payload) => [...payload])).toEqual([[0, 0, 0, 2]])
    expect(toldExtended(does, 'lt_donthave')).toEqual([])
  })

  it('is told of once, and costs a peer without BEP 6 nothing but the wait', () => {
    const { fixture, taker } = serving(false)
    cannotRead(fixture, taker, 0)
    cannotRead(fixture, taker, 0)
    expect(fixture.noticesOf('PiecesGone')).toHaveLength(1)
    expect(taker.toldOf('RejectRequest')).toEqual([])
    expect(taker.model()!.uploads).toEqual(
      [request(1)].map(({ piece, begin, length }) => ({ piece, begin, length })),
    )
  })

  it('makes peers interesting that have it, and is not announced as had any more', () => {
    const { fixture, taker } = serving()
    const leech = fixture.peer({ has: '100' })
    expect(leech.toldOf('Interested')).toEqual([])
    fixture.model.newHaves.push(0, 1)
    cannotRead(fixture, taker, 0)
    expect(leech.toldOf('Interested')).toHaveLength(1)
    expect(fixture.model.newHaves).toEqual([1])
  })
})
