import { describe, expect, it } from 'vitest'
import { sessionFixture, storageFault } from '../../support/sessionFixture.js'
import { createModel } from '../../../src/operators/session/model.js'
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
