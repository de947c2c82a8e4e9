import * as E from '#fp/Either'
import { lengthOf } from '../../disk/parts.js'
import type { SystemResult } from '../fsCall.js'
import { writeFully } from '../transfer.js'
import type { Transfer } from '../transfer.js'

/** Looked at when a call begins: 4 MiB in blocks of 16 KiB. */
const MOST_JOINED = 256

/** Bytes that go to one place of a file. Two that overlap in part must not wait together: either may come last. */
export interface FileWrite {
  readonly fd: number
  readonly parts: ReadonlyArray<Uint8Array>
  readonly position: number
  /** Nothing else of the file is to be written beside it: it does not wait for others to come. */
  readonly isWhole: boolean
  readonly answer: (result: SystemResult<void>) => void
}

export interface WriteQueueOptions {
  /** What has to come before the bytes of a call; a failure comes later, never at once. */
  readonly prepare: (file: number, fd: number, answer: (result: SystemResult<void>) => void) => void
  /** Hears of each call that has ended, however it did. */
  readonly wrote: (file: number) => void
  readonly write?: Transfer
}

/**
 * Writes to files, with one call a file at a time: the system lets one in at a time anyway, and meanwhile the others spin
 * on the file's lock, each on a core of its own (8 % of all CPU time in a profile of one fast download).
 *
 * Those that touch go in one call: each is an errand for a thread that has to be woken, which takes longer than writing
 * 256 KiB. So that they find together, a call begins when the loop has done what it is at; first come, first served.
 * Where a call fails that was for several, each is tried by itself, and hears of its own failure.
 */
export const createWriteQueue = ({
  prepare,
  wrote,
  write = writeFully,
}: WriteQueueOptions): ((file: number, write: FileWrite) => void) => {
  /** By file: what waits, while a call for it is under way or about to be. */
  const lines = new Map<number, FileWrite[]>()

  const next = (file: number, waiting: FileWrite[]): void => {
    const run = takeRun(waiting)
    const [first] = run
    if (first === undefined) {
      lines.delete(file)
      return
    }
    const end = (result: SystemResult<void>): void => {
      // Before the answers, which may bring more.
      next(file, waiting)
      for (const { answer } of run) answer(result)
    }
    prepare(file, first.fd, (prepared) => {
      if (E.isLeft(prepared)) {
        end(prepared)
        return
      }
      const parts = run.length === 1 ? first.parts : run.flatMap((one) => one.parts)
      write(first.fd, parts, first.position, (result) => {
        wrote(file)
        if (E.isLeft(result) && run.length > 1) writeEach(file, waiting, run, 0)
        else end(result)
      })
    })
  }

  const writeEach = (file: number, waiting: FileWrite[], run: ReadonlyArray<FileWrite>, at: number): void => {
    const one = run[at]
    if (one === undefined) {
      next(file, waiting)
      return
    }
    write(one.fd, one.parts, one.position, (result) => {
      wrote(file)
      writeEach(file, waiting, run, at + 1)
      one.answer(result)
    })
  }

  return (file, one) => {
    const line = lines.get(file)
    if (line !== undefined) {
      line.push(one)
      return
    }
    const waiting = [one]
    lines.set(file, waiting)
    if (one.isWhole) next(file, waiting)
    else {
      setImmediate(() => {
        next(file, waiting)
      })
    }
  }
}

/**
 * Takes the one that has waited longest, and those that touch it on either side, in the order of the file. A file that was
 * opened again is another one.
 */
const takeRun = (waiting: FileWrite[]): ReadonlyArray<FileWrite> => {
  const [first] = waiting
  if (first === undefined || waiting.length === 1) return waiting.splice(0)
  const near = waiting
    .slice(0, MOST_JOINED)
    .filter(({ fd }) => fd === first.fd)
    .sort((one, other) => one.position - other.position)
    // Of two for one place the earlier: the later one is to have the last word.
    .filter(({ position }, at, sorted) => sorted[at - 1]?.position !== position)
  let from = near.indexOf(first)
  let to = from + 1
  while (from > 0 && endOf(near[from - 1]!) === near[from]!.position) from--
  while (to < near.length && endOf(near[to - 1]!) === near[to]!.position) to++
  const run = near.slice(from, to)
  const left = waiting.length > run.length ? notOf(waiting, run) : []
  waiting.length = 0
  for (const one of left) waiting.push(one)
  return run
}

const notOf = (
  waiting: ReadonlyArray<FileWrite>,
  run: ReadonlyArray<FileWrite>,
): ReadonlyArray<FileWrite> => {
  const taken = new Set(run)
  return waiting.filter((one) => !taken.has(one))
}

const endOf = ({ position, parts }: FileWrite): number => position + lengthOf(parts)
