import { close, constants, fdatasync, fstat, ftruncate, futimes, open, read } from 'node:fs'
import { Observable } from 'rxjs'
import * as E from '#fp/Either'
import { CLOSED } from '../../disk/storageError.js'
import { systemCode } from '../fsCall.js'
import type { SystemResult } from '../fsCall.js'
import { writeFully } from '../transfer.js'

const STEP_BYTES = 1024 * 1024
const ZEROS = Buffer.alloc(STEP_BYTES)

/** Never through a symlink; the copy is a new file. */
const FROM = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const TO = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

export interface CopyOptions {
  /** Leave out what is zeros, which is what holes read as; the copy is as long anyway. */
  readonly isSparse: boolean
  readonly isCancelled: () => boolean
  readonly onProgress: (bytes: number) => void
}

/**
 * Copies a file, step by step, with its permissions and its time of change; answers when the copy is on the device. A
 * copy that fails may leave a part of itself.
 */
export const copyFile = (from: string, to: string, options: CopyOptions): Observable<SystemResult<void>> =>
  new Observable((subscriber) => {
    const opened: number[] = []
    const finish = (result: SystemResult<void>): void => {
      const fd = opened.pop()
      if (fd !== undefined) {
        close(fd, (error) => {
          finish(error === null || E.isLeft(result) ? result : E.left(systemCode(error)))
        })
        return
      }
      subscriber.next(result)
      subscriber.complete()
    }
    /** Goes on unless the call failed. */
    const then =
      (next: () => void) =>
      (error: NodeJS.ErrnoException | null): void => {
        if (error === null) next()
        else finish(E.left(systemCode(error)))
      }

    open(from, FROM, (error, source) => {
      then(() => {
        opened.push(source)
        fstat(source, (failure, stats) => {
          then(() => {
            open(to, TO, stats.mode & 0o777, (refusal, target) => {
              then(() => {
                opened.push(target)
                copyBytes(source, target, stats.size, options, (result) => {
                  if (E.isLeft(result)) {
                    finish(result)
                    return
                  }
                  ftruncate(
                    target,
                    stats.size,
                    then(() => {
                      futimes(target, stats.atimeMs / 1_000, stats.mtimeMs / 1_000, () => {
                        fdatasync(
                          target,
                          then(() => {
                            finish(E.right(undefined))
                          }),
                        )
                      })
                    }),
                  )
                })
              })(refusal)
            })
          })(failure)
        })
      })(error)
    })
  })

const copyBytes = (
  source: number,
  target: number,
  size: number,
  { isSparse, isCancelled, onProgress }: CopyOptions,
  answer: (result: SystemResult<void>) => void,
): void => {
  const bytes = Buffer.allocUnsafeSlow(Math.min(STEP_BYTES, Math.max(1, size)))
  const from = (at: number): void => {
    if (isCancelled()) {
      answer(E.left(CLOSED))
      return
    }
    read(source, bytes, 0, bytes.length, at, (error, count) => {
      if (error !== null) answer(E.left(systemCode(error)))
      else if (count === 0) answer(E.right(undefined))
      else {
        const part = bytes.subarray(0, count)
        const next = (): void => {
          onProgress(count)
          from(at + count)
        }
        if (isSparse && part.equals(ZEROS.subarray(0, count))) next()
        else {
          writeFully(target, [part], at, (result) => {
            if (E.isLeft(result)) answer(result)
            else next()
          })
        }
      }
    })
  }
  from(0)
}
