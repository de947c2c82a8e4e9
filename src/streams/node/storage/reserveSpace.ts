import { fstat, statfs, write } from 'node:fs'
import * as E from '#fp/Either'
import { systemCode } from '../fsCall.js'
import type { SystemResult } from '../fsCall.js'

const ZEROS = new Uint8Array(1024 * 1024)

/**
 * Fills a file with zeros from its end to `length`, so that its blocks are taken. Node knows no `fallocate`, and there
 * is no data behind the end of a file: before the first write to it, this cannot overwrite anything, however often it
 * is broken off. Where the device has not so much room it is `ENOSPC` at once, with nothing written.
 */
export const reserveSpace = (
  fd: number,
  path: string,
  length: number,
  isCancelled: () => boolean,
  answer: (result: SystemResult<void>) => void,
): void => {
  const fill = (at: number): void => {
    if (at >= length) {
      answer(E.right(undefined))
      return
    }
    if (isCancelled()) {
      answer(E.left('ECANCELED'))
      return
    }
    write(fd, ZEROS, 0, Math.min(ZEROS.length, length - at), at, (error, count) => {
      if (error !== null) answer(E.left(systemCode(error)))
      else if (count === 0) answer(E.left('EIO'))
      else fill(at + count)
    })
  }
  fstat(fd, (error, stats) => {
    if (error !== null) {
      answer(E.left(systemCode(error)))
      return
    }
    const { size } = stats
    if (size >= length) {
      answer(E.right(undefined))
      return
    }
    statfs(path, (failure, free) => {
      // Not every file system says.
      if (failure === null && free.bavail * free.bsize < length - size) answer(E.left('ENOSPC'))
      else fill(size)
    })
  })
}
