import { close } from 'node:fs'
import { resolve } from 'node:path'
import { Observable } from 'rxjs'
import * as E from '#fp/Either'
import { isPrivate } from '../../codecs/privateFolder.js'
import type { OpenStorage } from '../deps.js'
import { storageError, UNSAFE } from '../disk/storageError.js'
import { createHandlePool } from './handlePool.js'
import type { HashPool } from './hashPool.js'
import { pathsBelow } from './pathsBelow.js'
import { claimPaths } from './storage/claims.js'
import { openTorrent } from './storage/openTorrent.js'
import { realFolder } from './storage/realFolder.js'
import { claimedPaths } from './storage/tree.js'

const MAX_OPEN_FILES = 256

/** The id becomes a part of file names. */
const IS_NAME = /^[0-9a-z]{1,64}$/i

export interface FileStorageOptions {
  /** The download folder; made when the first file is. */
  readonly directory: string
  /** Where pieces are hashed. */
  readonly hashPool: HashPool
  /** Files open at most, over all torrents opened with this function; 256 unless given. */
  readonly maxOpenFiles?: number
  /**
   * `sparse`, unless given: a file takes room as it is written. `full`: before its first byte it is filled with zeros
   * to its whole length, which takes as long as the device needs for that, and keeps the room (where the file system
   * keeps zeros); a disk without room for the file says so at once.
   */
  readonly allocation?: 'sparse' | 'full'
  /**
   * Whether what is written goes to the device from time to time without being asked for, so that who asks does not wait
   * long; true unless given.
   */
  readonly writesBehind?: boolean
}

/**
 * Files below a folder of the system. A file is created with its first byte, and is never truncated; symlinks below the
 * folder are never followed, and what stands in a file's way is a `conflict`. A hole in a file that somebody wrote
 * further on reads as zeros: only pieces that were verified are worth reading.
 *
 * A file belongs to one open storage of the process at a time; another that wants it, however it got to the folder, is
 * a `conflict`. So is a torrent with files in `.rxtorrent`: the folder below the download folder that holds, for files
 * that are not wanted, what shared pieces have of them.
 *
 * @example
 * ```ts
 * const openStorage = fileStorage({ directory: 'downloads', hashPool: createHashPool() })
 * ```
 */
export const fileStorage = ({
  directory,
  hashPool,
  maxOpenFiles,
  allocation = 'sparse',
  writesBehind = true,
}: FileStorageOptions): OpenStorage => {
  const pool = createHandlePool({
    maxOpen: maxOpenFiles ?? MAX_OPEN_FILES,
    close: (fd, done) => {
      close(fd, done)
    },
  })

  return (layout, elsewhere = directory) =>
    new Observable((subscriber) => {
      const root = resolve(elsewhere)
      const refuse = (path: ReadonlyArray<string>, code: string): undefined => {
        subscriber.next(E.left(storageError('open', path, code)))
        subscriber.complete()
        return undefined
      }
      const intruder = layout.files.find(({ path, isPad }) => !isPad && isPrivate(path))
      if (intruder !== undefined) return refuse(intruder.path, 'EEXIST')
      if (!IS_NAME.test(layout.id)) return refuse([], UNSAFE)
      const real = realFolder(root)
      const paths = claimedPaths(layout)
      const absolute = paths.map(pathsBelow(real))
      const rival = claimPaths(absolute)
      if (rival !== undefined) return refuse(paths[absolute.indexOf(rival)] ?? [], 'EEXIST')
      const { storage, release } = openTorrent({
        root,
        layout,
        pool,
        hashPool,
        isSparse: allocation === 'sparse',
        writesBehind,
        claims: absolute,
      })
      subscriber.next(E.right(storage))
      return release
    })
}
