import { fc, test } from '@fast-check/vitest'
import { Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/codecs/bytes.js'
import { decodeResume, encodeResume, type ResumeData, resumeInfohash } from '../../src/codecs/resume.js'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { SessionConfig } from '../../src/operators/session/model.js'
import type { SessionEvent } from '../../src/operators/session/event.js'
import type { Notice } from '../../src/operators/session/notice.js'
import { sequential } from '../../src/operators/piece/sequential.js'
import { replay } from '../../src/operators/session/replay.js'
import type { SessionState } from '../../src/operators/session/state.js'
import { createSession, type Session } from '../../src/streams/session.js'
import type { SessionOptions } from '../../src/streams/sessionOptions.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import {
  createVirtualWorld,
  type VirtualHost,
  type VirtualHostOptions,
  type VirtualWorld,
} from '../../src/streams/virtual/world.js'
import { type MadeTorrent, makeTorrent } from '../support/makeTorrent.js'
import { rethrow } from '../support/rethrow.js'

const TRACKER = 'http://tracker.test/announce'
const torrent = makeTorrent({
  pieceLength: 65_536,
  files: [150_000, 70_000, 0, 800_000, 65_536 * 3],
  trackers: [TRACKER],
})

interface Run {
  readonly session: Session
  readonly state: () => SessionState
  readonly notices: Notice[]
  readonly log: SessionEvent[]
  readonly config: () => SessionConfig
  /** Lets time pass until then; answers whether it came to it. */
  readonly until: (isDone: (state: SessionState) => boolean, limitMs?: number) => boolean
  readonly noticed: (tag: Notice['_tag']) => boolean
  readonly stop: () => void
  readonly kill: () => void
}

interface Lab {
  readonly world: VirtualWorld
  readonly host: VirtualHost
  readonly id: string
  /** The next run on the machine. */
  readonly run: (options?: SessionOptions) => Run
  readonly saved: () => ResumeData | undefined
  readonly isRight: () => boolean
}

/** A machine with a disk, a seed that gives it bytes, and as many runs, one after the other, as the test wants. */
const labOf = (
  seed: number,
  { metainfo, content }: MadeTorrent = torrent,
  disk: VirtualHostOptions['disk'] = {},
  up = 300_000,
  tellsBoots = true,
): Lab => {
  const world = createVirtualWorld({ seed, network: { latencyMs: 10, link: { up } } })
  const layout = layoutOf(metainfo)
  const source = world.host('10.0.0.1')
  source.disk.preload(layout, content)
  createSession(metainfo, source.deps).state$.subscribe({ error: rethrow })
  // It is found at once.
  world.clock.advanceBy(1_000)
  const host = world.host('10.0.0.2', { disk, tellsBoots })
  const id = toHex(resumeInfohash(metainfo))
  return {
    world,
    host,
    id,
    saved: () => {
      const bytes = host.disk.resume.get(id)
      const data = bytes === undefined ? undefined : decodeResume(bytes, metainfo)
      return data === undefined || E.isLeft(data) ? undefined : data.right
    },
    isRight: () => Buffer.compare(host.disk.bytes(layout), content) === 0,
    run: (options) => {
      const session = createSession(metainfo, host.deps, options)
      const states: SessionState[] = []
      const notices: Notice[] = []
      const log: SessionEvent[] = []
      let config: SessionConfig | undefined
      const all = new Subscription()
      all.add(session.event$.subscribe({ next: (event) => log.push(event), error: rethrow }))
      all.add(session.config$.subscribe({ next: (next) => (config = next), error: rethrow }))
      all.add(session.alert$.subscribe({ next: (notice) => notices.push(notice), error: rethrow }))
      all.add(session.state$.subscribe({ next: (state) => states.push(state), error: rethrow }))
      const until: Run['until'] = (isDone, limitMs = 300_000) =>
        world.clock.run(() => states.length > 0 && isDone(states.at(-1)!), limitMs)
      return {
        session,
        notices,
        log,
        until,
        state: () => states.at(-1)!,
        config: () => config!,
        noticed: (tag) => notices.some(({ _tag }) => _tag === tag),
        stop: () => {
          session.send({ _tag: 'Stop' })
          expect(until(({ phase }) => phase === 'stopped', 5_000)).toBe(true)
          all.unsubscribe()
        },
        kill: () => {
          all.unsubscribe()
        },
      }
    },
  }
}

const isChecked = ({ phase }: SessionState): boolean => phase === 'downloading' || phase === 'seeding'
const isComplete = ({ progress }: SessionState): boolean => progress.isComplete
const hashes = ({ host }: Lab): number => host.disk.operations('hash')

describe('a session that was stopped', () => {
  it('goes on without a hash, with every block that it had', () => {
    const lab = labOf(1)
    const first = lab.run()
    first.until(({ progress }) => progress.havePieces >= 6)
    first.stop()
    expect(lab.saved()!.partial.length).toBeGreaterThan(0)
    const before = hashes(lab)
    const second = lab.run()
    second.until(isChecked)
    expect(hashes(lab)).toBe(before)
    expect(second.notices.filter(({ _tag }) => _tag === 'ResumeRejected')).toEqual([])
    expect(second.state().progress.havePieces).toBe(first.state().progress.havePieces)
    expect(second.until(isComplete)).toBe(true)
    expect(lab.isRight()).toBe(true)
    const received = first.state().totals.downloaded + second.state().totals.downloaded
    expect(received).toBe(torrent.content.length)
    expect(second.state().lifetime.downloaded).toBe(received)
    expect(second.state().addedAt).toBe(first.state().addedAt)
    second.stop()
  })

  it('does so with pieces that are too large for memory', () => {
    const large = makeTorrent({ pieceLength: 32 * 1024 * 1024, files: 38_000_000, trackers: [TRACKER] })
    const lab = labOf(1, large, {}, 8_000_000)
    const first = lab.run()
    first.until(({ totals }) => totals.downloaded > 1_000_000)
    first.stop()
    expect(first.state().progress.havePieces).toBe(0)
    expect(lab.saved()!.partial.length).toBeGreaterThan(0)
    const second = lab.run()
    expect(second.until(isComplete)).toBe(true)
    expect(lab.isRight()).toBe(true)
    expect(first.state().totals.downloaded + second.state().totals.downloaded).toBe(large.content.length)
    second.stop()
  })

  it('seeds at once when all was there, and saves nothing anew when nothing is new', () => {
    const lab = labOf(2)
    const first = lab.run()
    first.until(isComplete)
    // All of it is on the device by then.
    lab.world.clock.advanceBy(130_000)
    first.stop()
    const bytes = lab.host.disk.resume.get(lab.id)
    const before = hashes(lab)
    const second = lab.run()
    second.until(isComplete)
    expect(hashes(lab)).toBe(before)
    second.stop()
    expect(second.noticed('ResumeSaved')).toBe(false)
    expect(lab.host.disk.resume.get(lab.id)).toBe(bytes)
  })

  it('knows its peers, and the trackers that were added', () => {
    const lab = labOf(3)
    const first = lab.run()
    first.until(({ progress }) => progress.havePieces > 0)
    first.stop()
    const saved = lab.saved()!
    expect(saved.peers.map(({ host }) => host)).toContain('10.0.0.1')
    expect(saved.trackers).toEqual([[TRACKER]])
    const added = 'http://other.test/announce'
    lab.host.disk.resume.put(lab.id, encodeResume({ ...saved, trackers: [[TRACKER], [added]] }))
    const second = lab.run()
    second.until(isChecked)
    expect(second.state().trackers.map(({ url }) => url)).toEqual([TRACKER, added])
    second.until(({ progress }) => progress.havePieces > 10)
    second.stop()
    expect(lab.saved()!.trackers).toEqual([[TRACKER], [added]])
  })

  it('asks no tracker that was removed, until it is added again', () => {
    const lab = labOf(3)
    const first = lab.run()
    first.until(({ progress }) => progress.havePieces > 0)
    first.session.send({ _tag: 'RemoveTracker', url: TRACKER })
    first.stop()
    expect(lab.saved()).toMatchObject({ trackers: [], removedTrackers: [TRACKER] })
    const second = lab.run()
    second.until(isChecked)
    second.until(({ progress }) => progress.havePieces > 10)
    expect(second.state().trackers).toEqual([])
    second.session.send({ _tag: 'AddTrackers', urls: [TRACKER] })
    second.stop()
    expect(lab.saved()).toMatchObject({ trackers: [[TRACKER]], removedTrackers: [] })
  })

  it('leaves nothing where it has come to nothing', () => {
    const lab = labOf(4)
    const first = lab.run()
    first.until(isChecked)
    first.stop()
    expect(lab.saved()).toBeUndefined()
  })

  it('is one that replays from its log, load and all', () => {
    const lab = labOf(5)
    const first = lab.run()
    first.until(({ progress }) => progress.havePieces >= 3)
    first.stop()
    const second = lab.run()
    second.until(isComplete)
    second.stop()
    expect(second.log.some(({ _tag }) => _tag === 'SlotFilled')).toBe(true)
    for (const { log, config, state } of [first, second]) {
      const turns = [...replay(config(), log)]
      expect(turns.at(-1)!.state).toEqual(state())
      expect(turns.filter(({ effects }) => effects.some(({ _tag }) => _tag === 'SaveResume')).length).toBe(
        log.filter(({ _tag }) => _tag === 'ResumeSaved').length,
      )
    }
  })

  it('is held up by a disk that hangs no longer than by a silent tracker', () => {
    const lab = labOf(6, torrent, { latencyMs: 2_000 })
    const first = lab.run()
    first.until(({ progress }) => progress.havePieces >= 2)
    first.stop()
  })
})

describe('a session that runs', () => {
  it('saves before its first byte, soon after its first piece, every minute, and when it is told to', () => {
    const lab = labOf(1, torrent, {}, 8_000)
    const run = lab.run()
    const count = (): number => run.notices.filter(({ _tag }) => _tag === 'ResumeSaved').length
    run.until(() => count() === 1)
    expect(run.state().totals.downloaded).toBe(0)
    expect(lab.saved()!.pieces.every((byte) => byte === 0)).toBe(true)
    expect(lab.saved()!.files.every(O.isNone)).toBe(true)
    run.until(({ progress }) => progress.havePieces > 0)
    const since = lab.world.clock.now()
    run.until(() => count() === 2)
    expect(lab.world.clock.now()).toBeLessThan(since + 6_000)
    expect(lab.saved()!.pieces.some((byte) => byte !== 0)).toBe(true)
    lab.world.clock.advanceBy(58_000)
    expect(count()).toBe(2)
    lab.world.clock.advanceBy(3_000)
    expect(count()).toBe(3)
    run.session.send({ _tag: 'SaveResume' })
    lab.world.clock.advanceBy(1_000)
    expect(count()).toBe(4)
    run.until(isComplete)
    lab.world.clock.advanceBy(1_000)
    const atEnd = count()
    expect(lab.saved()!.pieces.every((byte) => byte !== 0)).toBe(true)
    // Once more when all of it is on the device, which nobody waited for.
    expect(O.isSome(lab.saved()!.unsynced)).toBe(true)
    lab.world.clock.advanceBy(600_000)
    expect(count()).toBe(atEnd + 1)
    expect(lab.saved()!.unsynced).toEqual(O.none)
    run.stop()
  })

  it('goes on when a save fails, tells of it, and tries again less and less often', () => {
    const lab = labOf(2, torrent, {}, 4_000)
    lab.host.disk.resume.failNext('save', 'ENOSPC', 3)
    const run = lab.run()
    run.until(() => run.noticed('ResumeSaved'))
    const failures = run.notices.filter(({ _tag }) => _tag === 'ResumeSaveFailed')
    expect(failures).toMatchObject(
      Array.from({ length: 3 }, () => ({
        error: { _tag: 'ResumeStoreFailed', operation: 'save', code: 'ENOSPC' },
      })),
    )
    const [first, second, third] = failures.map(({ at }) => at)
    expect(second! - first!).toBeGreaterThanOrEqual(60_000)
    expect(third! - second!).toBeGreaterThanOrEqual(120_000)
    expect(run.state().phase).toBe('downloading')
    run.stop()
  })

  it('stops although no save works', () => {
    const lab = labOf(2)
    lab.host.disk.resume.failNext('save', 'EIO', Infinity)
    const run = lab.run()
    run.until(({ progress }) => progress.havePieces > 2)
    run.stop()
    expect(run.noticed('ResumeSaveFailed')).toBe(true)
    expect(run.noticed('StorageFailed')).toBe(false)
  })
})

describe('resume data that do not hold', () => {
  const stopped = (seed: number): { readonly lab: Lab; readonly havePieces: number } => {
    const lab = labOf(seed)
    const run = lab.run()
    run.until(({ progress }) => progress.havePieces >= 8)
    run.stop()
    return { lab, havePieces: run.state().progress.havePieces }
  }

  it('lead to a note and a full check, whatever they are', () => {
    const { lab, havePieces } = stopped(1)
    const bytes = lab.host.disk.resume.get(lab.id)!
    const foreign = encodeResume({ ...lab.saved()!, infohash: new Uint8Array(20).fill(9) })
    const cases: ReadonlyArray<readonly [Uint8Array, string]> = [
      [bytes.subarray(0, bytes.length >> 1), 'ResumeMalformed'],
      [new Uint8Array(0), 'ResumeMalformed'],
      [bytes.map((byte, i) => (i === 20 ? byte ^ 1 : byte)), 'ResumeDamaged'],
      [foreign, 'ResumeForeign'],
    ]
    for (const [bad, reason] of cases) {
      lab.host.disk.resume.put(lab.id, bad)
      const before = hashes(lab)
      const run = lab.run()
      run.until(isChecked)
      expect(run.notices[0]).toMatchObject({ _tag: 'ResumeRejected', reason: { _tag: reason } })
      expect(hashes(lab)).toBeGreaterThan(before)
      expect(run.state().progress.havePieces).toBe(havePieces)
      run.kill()
    }
    const run = lab.run()
    expect(run.until(isComplete)).toBe(true)
    expect(lab.isRight()).toBe(true)
  })

  it('cannot be read, or not be held against files: the same', () => {
    const { lab, havePieces } = stopped(2)
    lab.host.disk.resume.failNext('load', 'EIO')
    const first = lab.run()
    first.until(isChecked)
    expect(first.notices).toContainEqual(
      expect.objectContaining({
        reason: { _tag: 'ResumeStoreFailed', operation: 'load', code: 'EIO' },
      }),
    )
    expect(first.state().progress.havePieces).toBe(havePieces)
    first.kill()
    lab.host.disk.failNext('stat', 'EIO')
    const second = lab.run()
    second.until(isChecked)
    expect(second.notices).toContainEqual(expect.objectContaining({ reason: { _tag: 'FilesUnknown' } }))
    expect(second.state().progress.havePieces).toBe(havePieces)
  })

  it('for one file are checked for that file', () => {
    const { lab } = stopped(3)
    const layout = layoutOf(torrent.metainfo)
    const last = layout.files[4]!
    // Somebody writes one byte, and it is not right.
    lab.world.clock.advanceBy(1_000)
    lab.host.disk.preload(layout, Uint8Array.of(torrent.content[last.offset]! ^ 1), last.offset)
    const run = lab.run()
    run.until(isChecked)
    expect(run.notices).toContainEqual(
      expect.objectContaining({ reason: { _tag: 'FilesChanged', files: [4] } }),
    )
    const checked = run.log.filter((event) => event._tag === 'PiecesChecked')
    expect(Math.min(...checked.map(({ first }) => first))).toBe(Math.floor(last.offset / 65_536))
    expect(run.until(isComplete)).toBe(true)
    expect(lab.isRight()).toBe(true)
  })

  it('for blocks of a piece begun cost that piece and nobody else', () => {
    const { lab } = stopped(4)
    const layout = layoutOf(torrent.metainfo)
    const saved = lab.saved()!
    const { piece, blocks } = saved.partial[0]!
    const block = Array.from({ length: 4 }, (_, i) => i).find((i) => (blocks[0]! & (0x80 >> i)) !== 0)!
    const at = piece * 65_536 + block * 16_384
    lab.host.disk.preload(layout, Uint8Array.of(torrent.content[at]! ^ 1), at)
    // With the time set back, as a liar would.
    const now = lab.host.disk.stat(layout)
    lab.host.disk.resume.put(lab.id, encodeResume({ ...saved, files: now }))
    const run = lab.run()
    expect(run.until(isComplete)).toBe(true)
    expect(run.notices).toContainEqual(expect.objectContaining({ _tag: 'PieceFailed', piece, senders: [] }))
    expect(run.noticed('PeerBanned')).toBe(false)
    expect(lab.isRight()).toBe(true)
  })

  it('with every block of a piece begun lead to its hash', () => {
    const { lab } = stopped(5)
    const saved = lab.saved()!
    const partial = saved.partial.map(({ piece }) => ({ piece, blocks: Uint8Array.of(0xf0) }))
    lab.host.disk.resume.put(lab.id, encodeResume({ ...saved, partial }))
    const run = lab.run()
    expect(run.until(isComplete)).toBe(true)
    expect(lab.isRight()).toBe(true)
  })

  it('that claim what no file holds are not believed', () => {
    const lab = labOf(6)
    const all = new Uint8Array(Math.ceil(torrent.metainfo.pieceCount / 8))
    for (let piece = 0; piece < torrent.metainfo.pieceCount; piece++) all[piece >> 3]! |= 0x80 >> (piece & 7)
    lab.host.disk.resume.put(
      lab.id,
      encodeResume({
        infohash: resumeInfohash(torrent.metainfo),
        pieces: all,
        blockLength: 16_384,
        partial: [],
        priorities: [4, 4, 4, 4, 4],
        peers: [],
        trackers: [],
        unsynced: O.none,
        removedTrackers: [],
        renamed: [],
        totals: { downloaded: 0, uploaded: 0 },
        files: lab.host.disk.stat(layoutOf(torrent.metainfo)),
        addedAt: 0,
      }),
    )
    const run = lab.run()
    run.until(isChecked)
    expect(run.state().progress.havePieces).toBe(0)
    expect(run.until(isComplete)).toBe(true)
    expect(lab.isRight()).toBe(true)
  })
})

describe('a session that is killed at any moment', () => {
  it('has left resume data where it has left a byte', () => {
    const lab = labOf(7, torrent, { latencyMs: 3 }, 200_000)
    const layout = layoutOf(torrent.metainfo)
    let wasNamed = false
    let isWritten = false
    const run = lab.run()
    const isOver = lab.world.clock.run(() => {
      isWritten = lab.host.disk.stat(layout).some(O.isSome)
      wasNamed ||= !isWritten && lab.saved() !== undefined
      return isWritten
    }, 60_000)
    expect(isOver).toBe(true)
    expect(wasNamed).toBe(true)
    run.kill()
  })

  it('takes nothing that came after its last save for missing', () => {
    const lab = labOf(8)
    const first = lab.run()
    first.until(({ progress }) => progress.havePieces >= 6)
    expect(lab.saved()!.pieces.every((byte) => byte === 0)).toBe(true)
    first.kill()
    const second = lab.run()
    second.until(isChecked)
    expect(second.state().progress.havePieces).toBeGreaterThanOrEqual(6)
    expect(second.noticed('FilesForeign')).toBe(false)
    second.stop()
  })
})

describe('a file that is renamed', () => {
  const film = ['films', 'a film']
  const pathOf = (run: Run): string => run.state().files[3]!.path.join('/')

  it('may be forgotten while that is saved, and not after; nothing that has a name is overwritten', () => {
    const outcomes = new Set<string>()
    for (let ms = 0; ms <= 24; ms++) {
      const lab = labOf(7)
      const first = lab.run()
      expect(first.until(isComplete)).toBe(true)
      // A minute on, what is there is on the device.
      lab.world.clock.advanceBy(61_000)
      first.session.send({ _tag: 'RenameFile', id: 1, file: 3, path: film })
      lab.world.clock.advanceBy(ms)
      const isRenamed = first.noticed('FileRenamed')
      const isTold = isRenamed && first.notices.at(-1)?._tag === 'ResumeSaved'
      first.kill()
      lab.host.disk.crash()
      const isSaved = lab.saved()!.renamed.length > 0
      if (isTold) expect(isSaved).toBe(true)

      const second = lab.run()
      expect(second.until(isComplete)).toBe(true)
      const fetched = second.state().totals.downloaded
      const isThere = lab.host.disk.files().includes(film.join('/'))
      outcomes.add(`renamed ${String(isThere)}, remembered ${String(pathOf(second) === film.join('/'))}`)
      expect(isThere || !isRenamed).toBe(true)
      if (isSaved) expect([pathOf(second), fetched]).toEqual([film.join('/'), 0])
      else expect(pathOf(second)).toBe('data/3.bin')
      // It comes again where its name was lost, and only then.
      expect(fetched > 0).toBe(isThere && !isSaved)
      const last = torrent.metainfo.files[3]!
      const layout = {
        ...layoutOf(torrent.metainfo),
        files: [{ ...layoutOf(torrent.metainfo).files[3]!, path: film }],
      }
      if (isThere) {
        const bytes = lab.host.disk.bytes(layout).subarray(last.offset, last.offset + last.length)
        expect(Buffer.compare(bytes, torrent.content.subarray(last.offset, last.offset + last.length))).toBe(
          0,
        )
      }
      second.kill()
    }
    expect([...outcomes].sort()).toEqual([
      'renamed false, remembered false',
      'renamed true, remembered false',
      'renamed true, remembered true',
    ])
  })

  it('is so in its recording, too', () => {
    const lab = labOf(8)
    const first = lab.run()
    expect(first.until(isComplete)).toBe(true)
    first.session.send({ _tag: 'RenameFile', id: 1, file: 3, path: film })
    first.stop()
    const second = lab.run()
    expect(second.until(isComplete)).toBe(true)
    expect(pathOf(second)).toBe('films/a film')
    const turns = [...replay(second.config(), second.log)]
    expect(turns.at(-1)?.state.files[3]?.path).toEqual(film)
  })
})

describe('a machine that loses its power', () => {
  const small = makeTorrent({
    pieceLength: 32_768,
    files: [75_000, 35_000, 0, 200_000, 65_536],
    trackers: [TRACKER],
  })
  it.each([
    ['were deleted', false],
    ['were written over', true],
  ])('after files that were on it %s and came again claims nothing of them', (_, isReplaced) => {
    for (let seed = 1; seed <= 6; seed++) {
      const lab = labOf(seed, torrent, { losesUnsynced: true }, 3_000_000)
      const layout = layoutOf(torrent.metainfo)
      const first = lab.run()
      first.until(isComplete)
      lab.world.clock.advanceBy(130_000)
      first.stop()
      expect(lab.saved()!.unsynced).toEqual(O.none)
      for (const { path } of torrent.metainfo.files) lab.host.disk.remove(path.join('/'))
      if (isReplaced) lab.host.disk.preload(layout, new Uint8Array(torrent.content.length).fill(1))
      const second = lab.run()
      second.until(isComplete)
      second.stop()
      lab.host.disk.crash()
      const third = lab.run()
      third.until(isChecked)
      const bytes = lab.host.disk.bytes(layout)
      const { bitfield } = third.state()
      for (let piece = 0; piece < bitfield.pieceCount; piece++) {
        if ((bitfield.bytes[piece >> 3]! & (0x80 >> (piece & 7))) === 0) continue
        const [begin, end] = [piece * 65_536, (piece + 1) * 65_536]
        expect(Buffer.compare(bytes.subarray(begin, end), torrent.content.subarray(begin, end))).toBe(0)
      }
      third.kill()
    }
  })

  it('an hour after another run went on with what an earlier one left has all of it', () => {
    const lab = labOf(1, torrent, { losesUnsynced: true }, 3_000_000)
    const first = lab.run()
    first.until(isComplete)
    first.stop()
    expect(O.isSome(lab.saved()!.unsynced)).toBe(true)
    const second = lab.run()
    second.until(isComplete)
    lab.world.clock.advanceBy(3_600_000)
    second.kill()
    expect(lab.saved()!.unsynced).toEqual(O.none)
    lab.host.disk.crash()
    expect(lab.isRight()).toBe(true)
  })

  it('has what a check found on the device before it is claimed to be there', () => {
    const lab = labOf(1, torrent, { losesUnsynced: true }, 3_000_000, false)
    const first = lab.run()
    first.until(isComplete)
    first.kill()
    lab.host.disk.resume.failNext('load', 'EIO')
    const second = lab.run()
    second.until(isComplete)
    lab.world.clock.advanceBy(1_000)
    second.kill()
    lab.host.disk.crash()
    expect(lab.isRight()).toBe(true)
  })

  describe.each([
    { who: 'does not know the boot', tellsBoots: false, up: 100_000, slowness: 1 },
    // By the minute only there is something on the device to be believed.
    { who: 'knows the boot', tellsBoots: true, up: 3_000, slowness: 33 },
  ])('whose session $who', ({ tellsBoots, up, slowness }) => {
    let trusted = 0
    test.prop(
      [
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 100, max: 6_000 }).map((ms) => ms * slowness),
        fc
          .array(fc.integer({ min: 1, max: 1_500 }), { minLength: 1, maxLength: 8 })
          .map((waits) => waits.map((ms) => ms * slowness)),
        fc.boolean(),
        fc.integer({ min: 1, max: 60 }),
        fc.boolean(),
        fc.boolean(),
      ],
      { numRuns: 30 },
    )(
      'at any moment: nothing is claimed afterwards that is not there',
      (seed, crashAt, saves, isStopping, latencyMs, isInOrder, isKilledBefore) => {
        const lab = labOf(seed, small, { losesUnsynced: true, latencyMs }, up, tellsBoots)
        const { content } = small
        const layout = layoutOf(small.metainfo)
        for (let life = 0; life < 2; life++) {
          // In order, files are whole early, and their times stand still.
          let run = lab.run(isInOrder ? { policies: { piece: sequential } } : {})
          if (isKilledBefore) {
            lab.world.clock.advanceBy(crashAt)
            run.kill()
            run = lab.run()
          }
          const from = lab.world.clock.now()
          for (const wait of saves) {
            if (lab.world.clock.now() + wait > from + crashAt) break
            lab.world.clock.advanceBy(wait)
            run.session.send({ _tag: 'SaveResume' })
          }
          if (isStopping) run.session.send({ _tag: 'Stop' })
          lab.world.clock.advanceTo(from + crashAt)
          run.kill()
          lab.host.disk.crash()
          const next = lab.run()
          next.until(isChecked, 60_000)
          const loaded = next.log.find((event) => event._tag === 'ResumeLoaded')
          const looked = new Set<number>()
          for (const event of next.log) {
            if (event._tag !== 'PiecesChecked') continue
            event.ok.forEach((_, i) => looked.add(event.first + i))
          }
          const bytes = lab.host.disk.bytes(layout)
          const { bitfield } = next.state()
          expect(loaded).toBeDefined()
          for (let piece = 0; piece < bitfield.pieceCount; piece++) {
            if ((bitfield.bytes[piece >> 3]! & (0x80 >> (piece & 7))) === 0) continue
            if (!looked.has(piece)) trusted++
            const [begin, end] = [piece * 32_768, (piece + 1) * 32_768]
            expect(
              Buffer.compare(bytes.subarray(begin, end), content.subarray(begin, end)),
              String(piece),
            ).toBe(0)
          }
          next.kill()
          lab.world.clock.advanceBy(500)
        }
        const last = lab.run()
        expect(last.until(isComplete, 600_000)).toBe(true)
        expect(lab.isRight()).toBe(true)
        expect(last.noticed('PeerBanned')).toBe(false)
      },
    )

    it('has something to be believed often enough for that to mean anything', () => {
      expect(trusted).toBeGreaterThan(50)
    })
  })
})
