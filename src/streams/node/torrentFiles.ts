import { Observable } from 'rxjs'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { isSameStat } from '../../operators/resume/isSameStat.js'
import type { FileStat } from '../deps.js'
import { CLOSED } from '../disk/storageError.js'
import type { SystemResult } from './fsCall.js'
import { handleSlot } from './handlePool.js'
import type { HandlePool, Slot } from './handlePool.js'
import { openFile } from './openFile.js'
import type { OpenMode } from './openFile.js'
import { statOpen } from './statOpen.js'
import type { Gate } from './storage/gate.js'
import { fileAt } from './storage/tree.js'
import type { Tree } from './storage/tree.js'

/** What somebody wants with a file. */
export interface Loan<A> {
  /** Nobody wants it any more: what has not begun does not begin, and is not answered. */
  readonly isLeft: () => boolean
  readonly run: (fd: number, answer: (result: SystemResult<A>) => void) => void
  readonly answer: (result: SystemResult<A>) => void
}

/** The files of one torrent, opened as they are used. */
export interface TorrentFiles {
  /**
   * Lends the descriptor of file `index` to `run` until `run` has answered. Once begun, `run` goes on even if nobody
   * listens any more.
   */
  readonly use: <A>(
    index: number,
    mode: OpenMode,
    run: (fd: number, answer: (result: SystemResult<A>) => void) => void,
  ) => Observable<SystemResult<A>>
  /** As `use`, without a stream: a piece may have bytes of thousands of files. */
  readonly lend: <A>(index: number, mode: OpenMode, loan: Loan<A>) => void
  /**
   * What file `index` is, where nobody need ask the disk: it was open for writing until there was no room for it any
   * more, or is.
   */
  readonly lastSeen: (index: number) => FileStat | undefined
  /** Whether it was another one when it was opened again: somebody has written to it meanwhile. */
  readonly isForeign: (index: number) => boolean
  /** The descriptor of file `index` if it is open for writing just now: for a use on the spot. */
  readonly openForWriting: (index: number) => number | undefined
  /** Closes file `index` when its users are done; it is opened afresh the next time. */
  readonly reopen: (index: number) => void
  /** `reopen` for all. */
  readonly reopenAll: () => void
  /** Closes all, each as soon as its users are done; from here on everything answers `ECANCELED`. */
  readonly close: () => void
}

/** @param gate - is told of each use, and asks nobody to wait. */
export const createTorrentFiles = (tree: Tree, pool: HandlePool, gate: Gate): TorrentFiles => {
  const slots: Readonly<Record<OpenMode, Map<number, Slot>>> = { read: new Map(), write: new Map() }
  let isClosed = false

  /** Of files that were closed after a write. */
  const seen = new Map<number, FileStat>()
  const foreign = new Set<number>()
  const openForWriting = (index: number): number | undefined => {
    const handle = slots.write.get(index)?.handle
    return handle?.waiting === undefined ? handle?.fd : undefined
  }
  /** None of a file that has been deleted meanwhile. */
  const statOf = (fd: number): FileStat | undefined => {
    const stats = statOpen(fd)
    if (E.isLeft(stats) || stats.right.nlink === 0) return undefined
    const { size, mtimeMs } = stats.right
    return { size, mtimeMs }
  }

  /** Our next write would hide what somebody else has done. */
  const compare = (index: number, fd: number): void => {
    const before = seen.get(index)
    if (before === undefined) return
    seen.delete(index)
    if (!isSameStat(O.some(before), O.fromNullable(statOf(fd)))) foreign.add(index)
  }

  const slotOf = (index: number, mode: OpenMode): Slot => {
    const known = slots[mode].get(index)
    if (known !== undefined) return known
    const slot = handleSlot(
      (done) => {
        openFile(tree.folders, fileAt(tree, index), mode).subscribe({
          next: (opened) => {
            if (mode === 'write' && E.isRight(opened)) compare(index, opened.right)
            done(opened)
          },
          error: () => {
            done(E.left('EIO'))
          },
        })
      },
      mode === 'read'
        ? undefined
        : (fd) => {
            const stats = statOf(fd)
            if (stats !== undefined) seen.set(index, stats)
          },
    )
    slots[mode].set(index, slot)
    return slot
  }

  /** What is open for writing serves reads too. */
  const bestSlot = (index: number, mode: OpenMode): Slot => {
    const writable = slots.write.get(index)
    return writable?.handle !== undefined ? writable : slotOf(index, mode)
  }

  const lend: TorrentFiles['lend'] = (index, mode, { isLeft, run, answer }) => {
    if (isClosed) {
      answer(E.left(CLOSED))
      return
    }
    gate.enter()
    pool.acquire(bestSlot(index, mode), (lent) => {
      if (E.isLeft(lent)) {
        gate.leave()
        answer(lent)
      } else if (isLeft()) {
        pool.release(lent.right)
        gate.leave()
      } else {
        run(lent.right.fd, (result) => {
          pool.release(lent.right)
          gate.leave()
          answer(result)
        })
      }
    })
  }

  return {
    use: (index, mode, run) =>
      new Observable((subscriber) => {
        lend(index, mode, {
          isLeft: () => subscriber.closed,
          run,
          answer: (result) => {
            subscriber.next(result)
            subscriber.complete()
          },
        })
      }),
    lend,
    lastSeen: (index) => {
      const fd = openForWriting(index)
      return fd === undefined ? seen.get(index) : statOf(fd)
    },
    isForeign: (index) => foreign.has(index),
    openForWriting,
    reopen: (index) => {
      seen.delete(index)
      for (const mode of [slots.read, slots.write]) {
        const slot = mode.get(index)
        if (slot !== undefined) pool.retire(slot)
      }
    },
    reopenAll: () => {
      seen.clear()
      for (const mode of [slots.read, slots.write]) for (const slot of mode.values()) pool.retire(slot)
    },
    close: () => {
      isClosed = true
      for (const mode of [slots.read, slots.write]) for (const slot of mode.values()) pool.dispose(slot)
    },
  }
}
