import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import type { FileStat } from '../../../src/streams/deps.js'
import { createFileWatch, type FileWatch } from '../../../src/streams/disk/fileWatch.js'
import { storageLayout } from '../../support/storageLayout.js'

const { files } = storageLayout(10, [
  { path: ['a'], length: 10 },
  { path: ['b'], length: 10 },
  { path: ['empty'], length: 0 },
])
const at = (...times: ReadonlyArray<number>): ReadonlyArray<Option<FileStat>> =>
  times.map((mtimeMs) => (mtimeMs < 0 ? O.none : O.some({ size: 10, mtimeMs })))
const look = (watch: FileWatch, ...times: ReadonlyArray<number>): ReadonlyArray<Option<FileStat>> =>
  watch.look()(at(...times))

describe('a watch over files', () => {
  it('passes what we changed, and what nobody did', () => {
    const watch = createFileWatch(files)
    expect(look(watch, 1, 1, -1)).toEqual(at(1, 1, -1))
    watch.wrote(0, 5)
    expect(look(watch, 2, 1, -1)).toEqual(at(2, 1, -1))
    watch.wrote(9, 2)
    expect(look(watch, 3, 3, 3)).toEqual(at(3, 3, 3))
  })

  it('takes a write to one of the files that are kept in one place for a write to all of them', () => {
    const watch = createFileWatch(files)
    look(watch, -1, -1, -1)
    const shared = O.some({ size: 30, mtimeMs: 1 })
    watch.wrote(0, 5)
    expect(watch.look()([shared, shared, O.none])).toEqual([shared, shared, O.none])
    const later = O.some({ size: 30, mtimeMs: 2 })
    expect(watch.look()([later, later, O.none])).toEqual([O.none, O.none, O.none])
  })

  it('never vouches again for what others changed, made or took away', () => {
    for (const other of [2, -1]) {
      const watch = createFileWatch(files)
      look(watch, 1, 1, -1)
      expect(look(watch, 1, other, -1)).toEqual(at(1, -1, -1))
      watch.wrote(10, 5)
      expect(look(watch, 1, 3, -1)).toEqual(at(1, -1, -1))
    }
    const watch = createFileWatch(files)
    look(watch, 1, -1, -1)
    expect(look(watch, 1, 1, -1)).toEqual(at(1, -1, -1))
  })

  it('vouches for nothing once a write may have been lost', () => {
    const watch = createFileWatch(files)
    expect(look(watch, 1, 1, -1)).toEqual(at(1, 1, -1))
    watch.doubt()
    expect(look(watch, 1, 1, -1)).toEqual(at(-1, -1, -1))
    watch.forget()
    expect(look(watch, 1, 1, -1)).toEqual(at(-1, -1, -1))
  })

  it('takes a write that is under way during a look for ours at the next', () => {
    const watch = createFileWatch(files)
    look(watch, 1, 1, -1)
    watch.wrote(0, 5)
    const seen = watch.look()
    watch.wrote(0, 5)
    expect(seen(at(1, 1, -1))).toEqual(at(1, 1, -1))
    expect(look(watch, 2, 1, -1)).toEqual(at(2, 1, -1))
    expect(look(watch, 3, 1, -1)).toEqual(at(-1, 1, -1))
  })

  it('takes the next look as it is when told so', () => {
    const watch = createFileWatch(files)
    look(watch, 1, 1, -1)
    watch.forget()
    expect(look(watch, 5, 5, 5)).toEqual(at(5, 5, 5))
  })
})
