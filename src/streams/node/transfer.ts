import { read, write } from 'node:fs'
import * as E from '#fp/Either'
import { END_OF_FILE } from '../disk/storageError.js'
import { systemCode } from './fsCall.js'
import type { SystemResult } from './fsCall.js'

/** Moves all of `bytes` to or from `position` of an open file. */
export type Transfer = (
  fd: number,
  bytes: Uint8Array,
  position: number,
  answer: (result: SystemResult<void>) => void,
) => void

const DONE = E.right(undefined)

/** A short read is carried on; a file that ends before is `EOF`. */
export const readFully: Transfer = (fd, bytes, position, answer) => {
  const from = (at: number): void => {
    read(fd, bytes, at, bytes.length - at, position + at, (error, count) => {
      if (error !== null) answer(E.left(systemCode(error)))
      else if (at + count === bytes.length) answer(DONE)
      else if (count === 0) answer(E.left(END_OF_FILE))
      else from(at + count)
    })
  }
  from(0)
}

/** A short write (the device is filling up) is carried on, and then fails with the system's reason. */
export const writeFully: Transfer = (fd, bytes, position, answer) => {
  const from = (at: number): void => {
    write(fd, bytes, at, bytes.length - at, position + at, (error, count) => {
      if (error !== null) answer(E.left(systemCode(error)))
      else if (at + count === bytes.length) answer(DONE)
      else if (count === 0) answer(E.left('EIO'))
      else from(at + count)
    })
  }
  from(0)
}
