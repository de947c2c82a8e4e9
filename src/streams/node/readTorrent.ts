import { createReadStream } from 'node:fs'
import { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { MAX_TORRENT_BYTES } from '../../codecs/limits.js'
import { systemCode } from './fsCall.js'

/**
 * The bytes of a torrent file, or of a pipe; of one that is larger than a torrent may be, just enough to show it. Cold;
 * emits once and completes; a `Left` is the system's code. Unsubscribing closes the file.
 */
export const readTorrent = (path: string): Observable<Either<string, Uint8Array>> =>
  new Observable((subscriber) => {
    const chunks: Uint8Array[] = []
    const answer = (read: Either<string, Uint8Array>): void => {
      subscriber.next(read)
      subscriber.complete()
    }
    const attempt = E.tryCatch(
      () => createReadStream(path, { end: MAX_TORRENT_BYTES }),
      // A path with a zero byte throws.
      () => 'ENOENT',
    )
    if (E.isLeft(attempt)) {
      answer(attempt)
      return undefined
    }
    const stream = attempt.right
    stream.on('data', (chunk) => {
      if (typeof chunk !== 'string') chunks.push(chunk)
    })
    stream.on('error', (error) => {
      answer(E.left(systemCode(error)))
    })
    stream.on('end', () => {
      answer(E.right(new Uint8Array(Buffer.concat(chunks))))
    })
    return () => {
      stream.destroy()
    }
  })
