import { describe, expect, it } from 'vitest'
import type { WireMessage } from '../../../src/codecs/wire/message.js'
import { createPrng } from '../../../src/operators/random.js'
import { SESSION_LIMITS } from '../../../src/operators/session/limits.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import {
  type FakePeer,
  type SessionFixture,
  sessionFixture,
  storageFault,
} from '../../support/sessionFixture.js'

const UNCHOKE: WireMessage = { _tag: 'Unchoke' }
const seed = (fixture: SessionFixture, options: { readonly fast?: boolean } = {}): FakePeer => {
  const peer = fixture.peer({ has: 'all', ...options })
  peer.says(UNCHOKE)
  return peer
}
const bannedHosts = (fixture: SessionFixture): ReadonlyArray<string> =>
  fixture.noticesOf('PeerBanned').map(({ host }) => host)

describe('a bad piece', () => {
  it('that one peer sent alone bans it, whatever it does next', () => {
    const fixture = checkedFixture({ pieces: 2 })
    const liar = seed(fixture)
    const request = liar.owed[0]!
    liar.gives(2, ({ begin }) => begin === 0)
    expect(liar.closedFor()).toEqual({ _tag: 'Banned' })
    expect(fixture.noticesOf('PieceFailed')).toMatchObject([{ piece: request.piece, senders: [liar.key] }])
    expect(fixture.model.corrupt).toBe(2 * 16_384)
    const again = fixture.peer({ id: 1, host: liar.host, port: 9 })
    expect(again.closedFor()).toEqual({ _tag: 'Banned' })
  })

  it('that several sent bans nobody, and sets them to work alone', () => {
    const fixture = checkedFixture({ pieces: 6, blocks: 64 })
    const [liar, honest] = [seed(fixture), seed(fixture)]
    const shared = liar.owed[0]!.piece
    liar.gives(32, true)
    honest.gives(32)
    while (fixture.noticesOf('PieceFailed').length === 0) {
      liar.gives(1)
      honest.gives(1)
    }
    expect(fixture.noticesOf('PieceFailed')).toMatchObject([{ piece: shared }])
    expect(bannedHosts(fixture)).toEqual([])
    while (fixture.model.phase === 'downloading') {
      liar.gives(8, true)
      honest.gives(8)
    }
    expect(bannedHosts(fixture)).toEqual([liar.host])
    expect(honest.closedFor()).toEqual({ _tag: 'NotNeeded', why: 'both-seeds' })
  })

  it('does not stop a swarm in which everybody is on parole and the liar falls silent', () => {
    const fixture = checkedFixture({ pieces: 1, blocks: 3 })
    const liar = seed(fixture)
    liar.gives(1, true)
    fixture.pass(SESSION_LIMITS.snubMs + 500)
    const honest = seed(fixture)
    while (fixture.noticesOf('PieceFailed').length === 0) {
      honest.gives(1)
      fixture.pass(250)
    }
    for (let second = 0; second < 120 && fixture.model.phase === 'downloading'; second++) {
      honest.gives(3)
      fixture.pass(1_000)
    }
    expect(fixture.model.phase).toBe('seeding')
    expect(bannedHosts(fixture)).toEqual([])
  })

  it('does not leave a piece to a peer that has gone, although its parole was over', () => {
    const fixture = checkedFixture({ pieces: 3, blocks: 32 })
    const [liar, honest] = [seed(fixture), seed(fixture)]
    liar.gives(1, true)
    while (fixture.noticesOf('PieceFailed').length === 0) {
      liar.gives(1)
      honest.gives(1)
    }
    liar.closes()
    // Alone with two pieces; the first one good ends the parole, the second one stays begun.
    while (honest.model()!.suspicion > 0) honest.gives(1)
    honest.closes()
    const other = seed(fixture)
    for (let i = 0; i < 500 && fixture.model.phase === 'downloading'; i++) {
      other.gives(8)
      fixture.pass(250)
    }
    expect(fixture.model.phase).toBe('seeding')
  })

  it('does not leave a piece to a peer on parole that has gone', () => {
    const fixture = checkedFixture({ pieces: 1, blocks: 4 })
    const suspect = fixture.peer({ has: 'all' })
    suspect.model()!.suspicion = 1
    suspect.says(UNCHOKE)
    suspect.gives(1)
    suspect.closes()
    const other = seed(fixture)
    other.gives(4)
    expect(fixture.model.phase).toBe('seeding')
  })

  it('does not leave a piece that others began to nobody, when all that are left are on parole', () => {
    const fixture = checkedFixture({ pieces: 1, blocks: 4 })
    const other = seed(fixture)
    other.gives(1)
    other.closes()
    const suspect = fixture.peer({ has: 'all' })
    suspect.model()!.suspicion = 1
    suspect.says(UNCHOKE)
    suspect.gives(4)
    expect(fixture.model.phase).toBe('seeding')
    expect(suspect.closedFor()?._tag).toBe('NotNeeded')
  })

  it('does not get into a piece that another peer gets alone', () => {
    const fixture = checkedFixture({ pieces: 1, blocks: 4 })
    const liar = seed(fixture)
    const late = liar.owed.at(-1)!
    liar.gives(1, true)
    liar.owed.length = 0
    fixture.pass(SESSION_LIMITS.snubMs + 500)
    const honest = seed(fixture)
    while (fixture.noticesOf('PieceFailed').length === 0) {
      honest.gives(1)
      fixture.pass(250)
    }
    expect(honest.model()!.suspicion).toBe(1)
    honest.gives(1)
    // It was asked for this one before the piece failed.
    liar.says({ ...late, _tag: 'Piece', payload: new Uint8Array(16_384).fill(1) })
    while (honest.owed.length > 0) honest.gives(1)
    expect(fixture.model.phase).toBe('seeding')
    expect(bannedHosts(fixture)).toEqual([])
  })
})

/** Peers that lie in their several ways, among honest ones; all of them answer in a random order. */
const poisoned = (number: number): { fixture: SessionFixture; liars: FakePeer[]; honest: FakePeer[] } => {
  const prng = createPrng(number)
  const fixture = checkedFixture({ pieces: 24, blocks: 6, seed: number })
  const count = 3 + prng.int(6)
  const liarCount = 1 + prng.int(Math.max(1, Math.floor(count / 2)))
  const liars = Array.from({ length: liarCount }, () => fixture.peer({ has: 'all', fast: prng.int(2) === 0 }))
  const honest = Array.from({ length: count - liarCount }, () =>
    fixture.peer({ has: 'all', fast: prng.int(2) === 0 }),
  )
  const lie = 0.05 + prng.next() * 0.95
  // Together they lie about the same pieces; one by one, each about its own.
  const isColluding = prng.int(2) === 0
  const lies = (liar: number, piece: number): boolean =>
    isColluding ? (piece * 7 + number) % 10 < 10 * lie : (piece * 13 + 5 * liar + number) % 10 < 10 * lie
  const all = [...liars, ...honest]
  for (const peer of all) peer.says(UNCHOKE)
  for (let step = 0; step < 20_000 && fixture.model.phase === 'downloading'; step++) {
    const who = prng.int(all.length)
    const peer = all[who]!
    const chance = prng.int(100)
    if (chance < 3) fixture.pass(250)
    else if (chance < 4) peer.says({ _tag: 'Choke' })
    else if (chance < 6) peer.says(UNCHOKE)
    else {
      const isLiar = who < liars.length
      peer.gives(1 + prng.int(4), ({ piece }) => isLiar && lies(who, piece) && prng.int(4) > 0)
    }
    if (peer.model()?.peerChoking === true && peer.model()?.hasFast === true) peer.refuses(peer.owed.length)
    else if (peer.model()?.peerChoking === true) peer.owed.length = 0
  }
  return { fixture, liars, honest }
}

describe('liars', () => {
  it('are banned and honest peers never are, and the download completes (100 swarms)', () => {
    let banned = 0
    for (let number = 1; number <= 100; number++) {
      const { fixture, liars } = poisoned(number)
      expect(fixture.model.phase, `swarm ${String(number)}`).toBe('seeding')
      const names = new Set(liars.map(({ host }) => host))
      for (const host of bannedHosts(fixture)) {
        expect(names.has(host), `swarm ${String(number)} bans ${host}`).toBe(true)
        banned++
      }
    }
    expect(banned).toBeGreaterThan(100)
  })
})

describe('a storage that fails', () => {
  it('stalls the session: nothing is asked or served, until it is tried again and works', () => {
    const fixture = checkedFixture({ pieces: 4, blocks: 1, have: 'x' })
    const [giver, taker] = [seed(fixture), fixture.peer({ has: '0000' })]
    taker.says({ _tag: 'Interested' })
    expect(taker.toldOf('Unchoke')).toHaveLength(1)
    fixture.failsDisk({ kind: 'disk-full', code: 'ENOSPC' })
    giver.gives(1)
    expect(fixture.model.phase).toBe('stalled')
    expect(fixture.noticesOf('StorageFailed')).toMatchObject([
      { error: { kind: 'disk-full', code: 'ENOSPC' } },
    ])
    expect(taker.toldOf('Choke')).toHaveLength(1)
    const asked = giver.toldOf('Request').length
    giver.gives(2)
    taker.says({ _tag: 'Request', piece: 0, begin: 0, length: 16_384 })
    fixture.pass(25_000)
    expect(giver.toldOf('Request')).toHaveLength(asked)
    expect(fixture.effectsOf('ServeBlocks')).toEqual([])
    // Still full: tried once more, and stalled again.
    fixture.pass(10_000)
    expect(fixture.model.phase).toBe('stalled')
    fixture.failsDisk(undefined)
    fixture.pass(31_000)
    expect(fixture.model.phase).toBe('seeding')
    expect(giver.toldOf('Request'), 'nothing was fetched twice').toHaveLength(3)
    expect(fixture.model.wasted).toBe(0)
  })

  it.each(['opening', 'checking'])('while %s is opened again', (phase) => {
    const fixture = checkedFixture({ pieces: 2 })
    // Back to the beginning: this fixture's storage is open already.
    fixture.model.stage = phase === 'opening' ? 'opening' : 'checking'
    const at = fixture.now()
    const error = storageFault({ operation: phase === 'opening' ? 'open' : 'hash', kind: 'permission' })
    fixture.feed({ _tag: 'StorageFailed', at, piece: -1, bytes: 0, error })
    expect(fixture.model.phase).toBe('stalled')
    fixture.pass(31_000)
    expect(fixture.effectsOf('OpenStorage')).toHaveLength(2)
    expect(fixture.model.phase).toBe('opening')
  })

  it('when checked anew is believed anew', () => {
    const fixture = sessionFixture({ pieces: 2, have: 'xx' })
    fixture.model.stage = 'checking'
    fixture.feed({ _tag: 'PiecesChecked', at: fixture.now(), first: 0, ok: Uint8Array.of(1, 0) })
    expect(fixture.model.phase).toBe('downloading')
    expect(fixture.model.table.havePieces).toBe(1)
  })

  it('at the flush leaves the session incomplete until a flush works', () => {
    const fixture = checkedFixture({ pieces: 1, blocks: 1, hasQuickDisk: false })
    seed(fixture).gives(1)
    fixture.answerDisk()
    fixture.answerDisk()
    fixture.answerDisk({ code: 'EIO' })
    expect(fixture.model.phase).toBe('stalled')
    expect(fixture.noticesOf('Completed')).toEqual([])
    fixture.pass(31_000)
    fixture.answerDisk()
    expect(fixture.noticesOf('Completed')).toHaveLength(1)
    expect(fixture.model.phase).toBe('seeding')
  })

  it('to read for a peer refuses what it asked for', () => {
    const fixture = checkedFixture({ pieces: 1, have: 'x' })
    const taker = fixture.peer({ has: '0' })
    taker.says({ _tag: 'Interested' })
    taker.says(
      { _tag: 'Request', piece: 0, begin: 0, length: 16_384 },
      { _tag: 'Request', piece: 0, begin: 16_384, length: 16_384 },
    )
    const [serve] = fixture.effectsOf('ServeBlocks')
    const error = storageFault({ operation: 'read', kind: 'permission' })
    fixture.feed({ ...serve!, _tag: 'ServeFailed', at: fixture.now(), error })
    expect(taker.toldOf('RejectRequest').map(({ begin }) => begin)).toEqual([0, 16_384])
    expect(fixture.model.phase).toBe('stalled')
    expect(taker.model()!.servingBytes).toBe(0)
  })
})

describe('a piece lost with its hash worker', () => {
  it('comes again, and nobody is blamed', () => {
    const fixture = checkedFixture({ pieces: 1, blocks: 1, hasQuickDisk: false })
    const peer = seed(fixture)
    peer.gives(1)
    fixture.pending.length = 0
    fixture.feed({ _tag: 'PieceLost', at: fixture.now(), piece: 0 })
    fixture.pass(250)
    expect(peer.closedFor()).toBeUndefined()
    expect(peer.model()!.suspicion).toBe(0)
    peer.gives(1)
    fixture.answerDisk()
    fixture.answerDisk()
    expect(fixture.model.phase).toBe('seeding')
  })
})

describe('pieces too large for memory', () => {
  const BLOCKS = 1_025

  it('are written block by block, hashed from the storage, and had', () => {
    const fixture = checkedFixture({ pieces: 2, blocks: BLOCKS })
    const peer = seed(fixture)
    while (peer.owed.length > 0) peer.gives(peer.owed.length)
    expect(fixture.model.phase).toBe('seeding')
    expect(fixture.effectsOf('WriteBlock')).toHaveLength(2 * BLOCKS)
    expect(fixture.effectsOf('StoreBlock')).toEqual([])
    expect(fixture.effectsOf('VerifyPiece').map(({ slot }) => slot)).toEqual([-1, -1])
    expect(fixture.model.throughBytes).toBe(0)
  })

  it('ban who spoils one', () => {
    const fixture = checkedFixture({ pieces: 1, blocks: BLOCKS })
    const liar = seed(fixture)
    while (liar.owed.length > 0) liar.gives(liar.owed.length, ({ begin }) => begin === 0)
    expect(liar.closedFor()).toEqual({ _tag: 'Banned' })
  })

  it('do not fill the memory behind a disk that is stuck', () => {
    const fixture = sessionFixture({ pieces: 1, blocks: 16_384, hasQuickDisk: false })
    const peer = seed(fixture)
    for (let i = 0; i < 200 && peer.owed.length > 0; i++) {
      peer.gives(peer.owed.length)
      if (i % 20 === 0) fixture.pass(250)
    }
    expect(peer.owed).toEqual([])
    expect(fixture.model.throughBytes).toBeLessThan(SESSION_LIMITS.unverifiedBytes + 512 * 16_384)
    while (fixture.pending.length > 0) fixture.answerDisk()
    expect(peer.owed.length).toBeGreaterThan(0)
  })

  it('begin anew when a block does not get written, and nobody pays for it', () => {
    const fixture = checkedFixture({ pieces: 1, blocks: BLOCKS, hasQuickDisk: false })
    const [peer, other] = [seed(fixture), seed(fixture)]
    for (let i = 0; i < 10; i++) {
      peer.gives(32)
      other.gives(32)
    }
    const late = [...peer.owed]
    fixture.answerDisk({ kind: 'disk-full', code: 'ENOSPC' })
    while (fixture.pending.length > 0) fixture.answerDisk()
    expect(fixture.model.phase).toBe('stalled')
    expect(peer.toldOf('Cancel').length).toBe(late.length)
    for (const request of late)
      peer.says({ ...request, _tag: 'Piece', payload: new Uint8Array(request.length) })
    expect(peer.closedFor()).toBeUndefined()
    fixture.pass(31_000)
    for (let i = 0; i < 5_000 && fixture.model.phase === 'downloading'; i++) {
      peer.gives(32)
      other.gives(32)
      while (fixture.pending.length > 0) fixture.answerDisk()
    }
    expect(fixture.model.phase).toBe('seeding')
    expect(fixture.model.throughBytes).toBe(0)
  })

  it('give their memory back when many of their blocks do not get written', () => {
    const fixture = sessionFixture({ pieces: 1, blocks: BLOCKS, hasQuickDisk: false })
    const peer = seed(fixture)
    for (let i = 0; i < 10; i++) peer.gives(32)
    expect(fixture.model.throughBytes).toBeGreaterThan(0)
    while (fixture.pending.length > 0) fixture.answerDisk({ kind: 'disk-full', code: 'ENOSPC' })
    expect(fixture.model.throughBytes).toBe(0)
  })
})

describe('parole', () => {
  /** Two peers on parole for one bad piece that both sent blocks of. */
  const suspected = (): {
    readonly fixture: SessionFixture
    readonly pair: readonly [FakePeer, FakePeer]
  } => {
    const fixture = checkedFixture({ pieces: 6, blocks: 64 })
    const pair = [seed(fixture), seed(fixture)] as const
    while (fixture.noticesOf('PieceFailed').length === 0) {
      pair[0].gives(1, true)
      pair[1].gives(1)
    }
    return { fixture, pair }
  }

  it('outlives the connection: who comes again does not start clean', () => {
    const { fixture, pair } = suspected()
    const [liar] = pair
    liar.closes()
    const again = fixture.peer({ id: 1, host: liar.host, port: 50_000, has: 'all' })
    expect(again.model()!.suspicion).toBe(1)
    again.says(UNCHOKE)
    const alone = again.owed[0]!.piece
    expect(fixture.model.downloads.byPiece.get(alone)?.exclusive).toBe(again.key)
    // Another peer id is another peer, and so is another host.
    expect(fixture.peer({ id: 77, host: liar.host }).model()!.suspicion).toBe(0)
    expect(fixture.peer({ id: 1, host: '10.3.3.3' }).model()!.suspicion).toBe(0)
  })

  it('ends with a whole good piece, for the next connection too', () => {
    const { fixture, pair } = suspected()
    const [, honest] = pair
    while (honest.model()!.suspicion > 0) honest.gives(1)
    honest.closes()
    expect(fixture.peer({ id: 2, host: honest.host }).model()!.suspicion).toBe(0)
  })

  it('comes over who has left before what it sent was verified', () => {
    const fixture = checkedFixture({ pieces: 4, blocks: 2, hasQuickDisk: false })
    const liar = seed(fixture)
    liar.gives(2, true)
    liar.closes()
    fixture.answerDisk()
    expect(bannedHosts(fixture)).toEqual([liar.host])
    expect(fixture.peer({ id: 1, host: liar.host }).closedFor()).toEqual({ _tag: 'Banned' })
  })

  it('and bans who left and is back before that', () => {
    const fixture = checkedFixture({ pieces: 4, blocks: 2, hasQuickDisk: false })
    const liar = seed(fixture)
    liar.gives(2, true)
    liar.closes()
    const again = fixture.peer({ id: 1, host: liar.host })
    fixture.answerDisk()
    expect(again.closedFor()).toEqual({ _tag: 'Banned' })
  })
})
