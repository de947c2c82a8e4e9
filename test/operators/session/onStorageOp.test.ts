import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { sessionFixture, storageFault } from '../../support/sessionFixture.js'
import type { SessionEvent } from '../../../src/operators/session/event.js'
import { SESSION_LIMITS } from '../../../src/operators/session/limits.js'
import { createModel, type SessionModel } from '../../../src/operators/session/model.js'
import { createSnapshots } from '../../../src/operators/session/snapshot.js'
import type { Notice } from '../../../src/operators/session/notice.js'
import { type Turn, turn } from '../../../src/operators/session/turn.js'

describe('commands about the files', () => {
  it('become effects, and what comes of them is told', () => {
    const { command, feed, effectsOf, noticesOf, model, now } = sessionFixture()
    command({ _tag: 'ReleaseHandles' })
    command({ _tag: 'MoveStorage', id: 7, directory: '/there' })
    command({ _tag: 'CancelMove', id: 6 })
    command({ _tag: 'RenameFile', id: 8, file: 0, path: ['x'] })
    expect(effectsOf('ReleaseHandles')).toHaveLength(1)
    expect(effectsOf('MoveStorage')).toEqual([{ _tag: 'MoveStorage', id: 7, directory: '/there' }])
    expect(effectsOf('CancelMove')).toEqual([{ _tag: 'CancelMove', id: 6 }])
    expect(effectsOf('RenameFile')).toEqual([{ _tag: 'RenameFile', id: 8, file: 0, path: ['x'] }])
    feed({ _tag: 'MoveProgressed', at: now(), id: 7, movedBytes: 1, totalBytes: 2 })
    feed({ _tag: 'StorageMoved', at: now(), id: 7, directory: '/there' })
    feed({ _tag: 'FileRenamed', at: now(), id: 8, file: 0, path: ['x'] })
    expect(noticesOf('MoveProgressed')).toMatchObject([{ id: 7, movedBytes: 1, totalBytes: 2 }])
    expect(noticesOf('StorageMoved')).toMatchObject([{ id: 7, directory: '/there' }])
    expect(noticesOf('FileRenamed')).toMatchObject([{ id: 8, file: 0, path: ['x'] }])
    expect(createSnapshots()(model).directory).toBe('/there')
  })

  it('wait until the storage is open', () => {
    const fixture = sessionFixture()
    const model = createModel(fixture.config, 0)
    turn(model, { _tag: 'Started', at: 0 })
    const early = turn(model, {
      _tag: 'Command',
      at: 0,
      command: { _tag: 'MoveStorage', id: 1, directory: '/there' },
    })
    expect(early.effects).toEqual([])
    const opened = turn(model, { _tag: 'StorageOpened', at: 1, directory: '/here' })
    expect(opened.effects).toContainEqual({ _tag: 'MoveStorage', id: 1, directory: '/there' })
    expect(model.directory).toBe('/here')
  })

  it.each(['before', 'after'] as const)('are refused when it does not open (asked %s)', (when) => {
    const { config } = sessionFixture()
    const model = createModel(config, 0)
    const error = storageFault({ operation: 'open', kind: 'permission' })
    turn(model, { _tag: 'Started', at: 0 })
    const ask = (): ReadonlyArray<Notice> =>
      (
        [
          { _tag: 'MoveStorage', id: 1, directory: '/there' },
          { _tag: 'RemoveData', id: 2 },
        ] as const
      ).flatMap((command) => turn(model, { _tag: 'Command', at: 0, command }).notices)
    const fail = (): Turn => turn(model, { _tag: 'StorageFailed', at: 0, piece: -1, bytes: 0, error })
    const early = when === 'before' ? ask() : []
    const notices = [...early, ...fail().notices, ...(when === 'after' ? ask() : [])]
    expect(notices.filter(({ _tag }) => _tag === 'StorageOpFailed')).toEqual([
      { _tag: 'StorageOpFailed', at: 0, id: 1, error },
      { _tag: 'StorageOpFailed', at: 0, id: 2, error },
    ])
    expect(model.phase).toBe('stopped')
  })

  it('that fail leave the session as it is', () => {
    const { command, feed, noticesOf, model, now } = sessionFixture()
    command({ _tag: 'MoveStorage', id: 1, directory: '/there' })
    feed({
      _tag: 'StorageOpFailed',
      at: now(),
      id: 1,
      error: storageFault({ operation: 'move', kind: 'conflict' }),
    })
    expect(noticesOf('StorageOpFailed')).toMatchObject([{ id: 1, error: { kind: 'conflict' } }])
    expect(model.phase).toBe('downloading')
    expect(model.directory).toBe('')
  })
})

describe('RenameFile', () => {
  /** A session whose resume data are kept, up to its first check. */
  const checking = (): { readonly model: SessionModel; readonly feed: (event: SessionEvent) => Turn } => {
    const { config } = sessionFixture({ files: [4, 4] })
    const model = createModel({ ...config, isResumed: true }, 0)
    const feed = (event: SessionEvent): Turn => turn(model, event)
    feed({ _tag: 'Started', at: 0 })
    feed({ _tag: 'StorageOpened', at: 0, renamed: [{ file: 1, path: ['kept'] }] })
    feed({ _tag: 'ResumeLoaded', at: 0, resume: O.none, stats: O.none, problem: O.none })
    return { model, feed }
  }
  const rename: SessionEvent = {
    _tag: 'Command',
    at: 0,
    command: { _tag: 'RenameFile', id: 5, file: 0, path: ['x'] },
  }
  const checked: SessionEvent = { _tag: 'PiecesChecked', at: 0, first: 0, ok: new Uint8Array(8) }
  const renamed = (path: ReadonlyArray<string>, file = 0): SessionEvent => ({
    _tag: 'FileRenamed',
    at: 0,
    id: 5,
    file,
    path,
  })
  const tagsOf = ({ effects }: Turn): ReadonlyArray<string> => effects.map(({ _tag }) => _tag)
  const claimsOf = ({ effects }: Turn): unknown =>
    effects.flatMap((effect) => (effect._tag === 'SaveResume' ? [effect.claims.renamed] : []))

  it('is saved at once, with the names that were given before', () => {
    const { feed } = checking()
    feed(checked)
    expect(tagsOf(feed(rename))).toEqual(['RenameFile'])
    expect(claimsOf(feed(renamed(['x'])))).toEqual([
      [
        { file: 0, path: ['x'] },
        { file: 1, path: ['kept'] },
      ],
    ])
    feed({ _tag: 'ResumeSaved', at: 0 })
    // Its own name again.
    expect(claimsOf(feed(renamed(['data', '0'])))).toEqual([[{ file: 1, path: ['kept'] }]])
    feed({ _tag: 'ResumeSaved', at: 0 })
    expect(claimsOf(feed(renamed(['data', '1'], 1)))).toEqual([[]])
  })

  it('shows in the state at once, and so does the name of an earlier run', () => {
    const { model, feed } = checking()
    const take = createSnapshots()
    expect(take(model).files.map(({ path }) => path)).toEqual([['data', '0'], ['kept']])
    feed(checked)
    const before = take(model).files
    expect(feed(renamed(['x'])).isUrgent).toBe(true)
    const after = take(model).files
    expect(after.map(({ path }) => path)).toEqual([['x'], ['kept']])
    expect(after[1]).toBe(before[1])
    expect(take(model).files).toBe(after)
  })

  it('waits for the first check: nothing could be saved before', () => {
    const { feed } = checking()
    expect(tagsOf(feed(rename))).toEqual([])
    expect(tagsOf(feed(checked))).toContain('RenameFile')
  })

  it('is refused when the check breaks off', () => {
    const { feed } = checking()
    const error = storageFault({ operation: 'hash' })
    feed(rename)
    const fail: SessionEvent = { _tag: 'StorageFailed', at: 0, piece: -1, bytes: 0, error }
    expect(feed(fail).notices).toContainEqual({ _tag: 'StorageOpFailed', at: 0, id: 5, error })
    expect(feed(rename).notices).toContainEqual({ _tag: 'StorageOpFailed', at: 0, id: 5, error })
  })

  it('waits for nothing where no resume data are kept', () => {
    const { config } = sessionFixture()
    const model = createModel(config, 0)
    turn(model, { _tag: 'Started', at: 0 })
    turn(model, { _tag: 'StorageOpened', at: 0 })
    expect(tagsOf(turn(model, rename))).toEqual(['RenameFile'])
  })

  it.each<[string, SessionEvent]>([
    ['done', renamed(['x'])],
    ['refused', { _tag: 'StorageOpFailed', at: 0, id: 5, error: storageFault({ operation: 'rename' }) }],
  ])('holds a stop up until it is %s, and saved', (what, answer) => {
    const { model, feed } = checking()
    feed(checked)
    feed(rename)
    feed({ _tag: 'Command', at: 0, command: { _tag: 'Stop' } })
    feed({ _tag: 'ResumeSaved', at: 0 })
    feed({ _tag: 'Flushed', at: 0 })
    expect(model.stage).toBe('stopping')
    const last = feed(answer)
    if (what === 'done') {
      expect(claimsOf(last)).toMatchObject([[{ file: 0, path: ['x'] }, {}]])
      expect(model.stage).toBe('stopping')
      feed({ _tag: 'ResumeSaved', at: 0 })
    }
    expect(model.stage).toBe('stopped')
  })

  it('that nobody answers holds a stop up no longer than a tracker would', () => {
    const { model, feed } = checking()
    feed(checked)
    feed(rename)
    feed({ _tag: 'Command', at: 0, command: { _tag: 'Stop' } })
    feed({ _tag: 'Tick', at: SESSION_LIMITS.stopMs })
    expect(model.stage).toBe('stopped')
  })
})

describe('RemoveData', () => {
  it('stops the session without a flush, however long it takes, and ends it', () => {
    const { command, feed, peer, effectsOf, noticesOf, model, pass, now } = sessionFixture({ have: 'x' })
    const other = peer({ has: 'all' })
    const flushes = effectsOf('Flush').length
    command({ _tag: 'RemoveData', id: 3 })
    expect(effectsOf('RemoveData')).toMatchObject([{ _tag: 'RemoveData', id: 3 }])
    expect(other.closedFor()).toEqual({ _tag: 'NotNeeded', why: 'stopping' })
    pass(60_000)
    expect(model.phase).toBe('stopping')
    feed({ _tag: 'StorageFailed', at: now(), piece: 1, bytes: 0, error: storageFault({ kind: 'closed' }) })
    feed({ _tag: 'DataRemoved', at: now(), id: 3 })
    expect(model.phase).toBe('stopped')
    expect(noticesOf('DataRemoved')).toMatchObject([{ id: 3 }])
    expect(noticesOf('StorageFailed')).toEqual([])
    expect(effectsOf('Flush')).toHaveLength(flushes)
  })

  it('vouches for files of which it has a piece', () => {
    const { command, effectsOf } = sessionFixture({ files: [1.5, 2.5, 0, 4], have: '-x' })
    command({ _tag: 'RemoveData', id: 3 })
    expect(effectsOf('RemoveData')[0]?.vouched).toEqual([true, true, false, false])
  })

  it('that fails ends the session too, and says so', () => {
    const { command, feed, noticesOf, model, pass, now } = sessionFixture()
    command({ _tag: 'RemoveData', id: 3 })
    feed({ _tag: 'StorageOpFailed', at: now(), id: 3, error: storageFault({ operation: 'remove' }) })
    pass(5_000)
    expect(model.phase).toBe('stopped')
    expect(noticesOf('StorageOpFailed')).toHaveLength(1)
  })
})
