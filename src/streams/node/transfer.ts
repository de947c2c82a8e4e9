import { read, readv, write, writev } from 'node:fs'
import * as E from '#fp/Either'
import { cutParts, lengthOf } from '../disk/parts.js'
import { END_OF_FILE } from '../disk/storageError.js'
import { systemCode } from './fsCall.js'
import type { SystemResult } from './fsCall.js'

/** Moves all bytes of `parts`, one after the other, to or from `position` of an open file. */
export type Transfer = (
  fd: number,
  parts: ReadonlyArray<Uint8Array>,
  position: number,
  answer: (result: SystemResult<void>) => void,
) => void

const DONE = E.right(undefined)

type Step = (
  fd: number,
  parts: ReadonlyArray<Uint8Array>,
  position: number,
  done: (error: NodeJS.ErrnoException | null, count: number) => void,
) => void

/** What moves less than it was asked to is carried on; one that moves nothing fails with `whenNone`. */
const carriedOn =
  (step: Step, whenNone: string): Transfer =>
  (fd, parts, position, answer) => {
    const all = lengthOf(parts)
    const from = (at: number): void => {
      step(fd, at === 0 ? parts : cutParts(parts, at, all - at), position + at, (error, count) => {
        if (error !== null) answer(E.left(systemCode(error)))
        else if (at + count === all) answer(DONE)
        else if (count === 0) answer(E.left(whenNone))
        else from(at + count)
      })
    }
    from(0)
  }

/** A file that ends before is `EOF`. */
export const readFully: Transfer = carriedOn((fd, parts, position, done) => {
  if (parts.length === 1) read(fd, parts[0]!, 0, parts[0]!.length, position, done)
  else readv(fd, parts, position, done)
}, END_OF_FILE)

/** The device is filling up: a write is short, and the next one fails with the system's reason. */
export const writeFully: Transfer = carriedOn((fd, parts, position, done) => {
  if (parts.length === 1) write(fd, parts[0]!, 0, parts[0]!.length, position, done)
  else writev(fd, parts, position, done)
}, 'EIO')
