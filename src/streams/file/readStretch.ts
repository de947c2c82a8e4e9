import { catchError, Observable, of, Subscription } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { hasBit } from '../../operators/piece/bitfield.js'
import type { SessionCommand } from '../../operators/session/command.js'
import type { SessionState } from '../../operators/session/state.js'
import type { Storage, StorageError } from '../deps.js'
import type { ReadError } from './readError.js'
import { createReadWindow } from './readWindow.js'
import type { Stretch } from './stretch.js'

/** The most that is read at once, and so the most that a reader holds. */
const CHUNK_BYTES = 256 * 1024

/** So often a reader has a piece fetched again that it cannot find after it came. */
const MAX_LOSSES = 3

/** What a reader needs of a session. */
export interface ReadSource {
  readonly pieceLength: number
  readonly state$: Observable<SessionState>
  /** The open storage; undefined while there is none. */
  readonly storage: () => Storage | undefined
  readonly send: (command: SessionCommand) => void
  /** A window id that no other reader of the session has. */
  readonly nextWindow: () => number
}

/**
 * The bytes of a stretch in order, as they come to be had: verified and written. One read at a time, begun when the
 * chunk before it has been taken; with `demand$`, one for each of its emissions. What is missing although it was had is
 * reported, and waited for. Ends after the last byte, after one `Left`, or once `demand$` has ended and is served.
 */
export const readStretch = (
  source: ReadSource,
  { start, end }: Stretch,
  demand$?: Observable<unknown>,
): Observable<Either<ReadError, Uint8Array>> =>
  new Observable((subscriber) => {
    const { pieceLength } = source
    const window = createReadWindow(source.nextWindow(), pieceLength, source.send)
    const inner = new Subscription()
    const lastPiece = Math.floor((end - 1) / pieceLength)
    let position = start
    let state: SessionState | undefined
    let credit = demand$ === undefined ? Infinity : 0
    let isDemandOver = false
    let isReading = false
    let isPumping = false
    /** Something is missing hereabouts: which piece shows when each is read by itself. */
    let isByPiece = false
    let losses = 0
    /** Said of a piece that it is had, which is not so: the next one knows better. */
    let refuted: SessionState | undefined

    const fail = (error: ReadError): void => {
      subscriber.next(E.left(error))
      subscriber.complete()
    }

    // A storage may answer at once, and a consumer ask from inside of what it is told: a loop, not a recursion.
    const pump = (): void => {
      if (isPumping) return
      isPumping = true
      while (!subscriber.closed && !isReading && step());
      isPumping = false
    }

    /** Does the next thing there is to do; false where there is none at present. */
    const step = (): boolean => {
      if (position === end || (credit === 0 && isDemandOver)) {
        subscriber.complete()
        return false
      }
      if (state === undefined) return false
      window.move(state, Math.floor(position / pieceLength), lastPiece)
      if (credit === 0) return false
      const storage = source.storage()
      if (state === refuted) return false
      const most = isByPiece ? pieceLength - (position % pieceLength) : CHUNK_BYTES
      const length = Math.min(readableBytes(state, position, pieceLength), end - position, most)
      if (storage !== undefined && length > 0) {
        read(storage, length)
        return true
      }
      const { phase, storage: health } = state
      if (phase === 'stopping' || phase === 'stopped') fail({ _tag: 'SessionStopped' })
      else if (health._tag === 'Stalled') fail({ _tag: 'StorageFailed', error: health.error })
      return false
    }

    const read = (storage: Storage, length: number): void => {
      isReading = true
      let answer: Either<StorageError, Uint8Array> = E.left(NO_ANSWER)
      inner.add(
        storage
          .read(position, length)
          .pipe(catchError(() => of(E.left(NO_ANSWER))))
          .subscribe({
            next: (bytes) => {
              answer = bytes
            },
            error: (thrown: unknown) => {
              subscriber.error(thrown)
            },
            complete: () => {
              isReading = false
              take(answer, length)
              pump()
            },
          }),
      )
    }

    /** Has what is missing fetched again; false where that is of no use. */
    const miss = ({ file, code }: StorageError, length: number): boolean => {
      const piece = Math.floor(position / pieceLength)
      isByPiece = true
      if (position + length > (piece + 1) * pieceLength) return true
      if (++losses > MAX_LOSSES) return false
      refuted = state
      source.send({ _tag: 'ReportGone', piece, file, isWholeFile: code === 'ENOENT' })
      return true
    }

    const take = (answer: Either<StorageError, Uint8Array>, length: number): void => {
      if (E.isLeft(answer)) {
        const { left } = answer
        if (left.kind === 'missing' && miss(left, length)) return
        fail(left.kind === 'closed' ? { _tag: 'SessionStopped' } : { _tag: 'StorageFailed', error: left })
        return
      }
      isByPiece = false
      losses = 0
      position += answer.right.length
      credit--
      subscriber.next(answer)
    }

    inner.add(
      source.state$.subscribe({
        next: (next) => {
          state = next
          pump()
        },
        error: (thrown: unknown) => {
          subscriber.error(thrown)
        },
        complete: () => {
          fail({ _tag: 'SessionStopped' })
        },
      }),
    )
    if (demand$ !== undefined && !subscriber.closed) {
      inner.add(
        demand$.subscribe({
          next: () => {
            credit++
            pump()
          },
          error: (thrown: unknown) => {
            subscriber.error(thrown)
          },
          complete: () => {
            isDemandOver = true
            pump()
          },
        }),
      )
    }
    return () => {
      // While the session still hears it.
      window.clear()
      inner.unsubscribe()
    }
  })

/** Bytes from `position` on in pieces that are had, as far as one read goes. */
const readableBytes = ({ bitfield }: SessionState, position: number, pieceLength: number): number => {
  let piece = Math.floor(position / pieceLength)
  while (piece < bitfield.pieceCount && hasBit(bitfield.bytes, piece)) {
    piece++
    if (piece * pieceLength - position >= CHUNK_BYTES) return CHUNK_BYTES
  }
  return Math.max(0, piece * pieceLength - position)
}

/** A storage that threw, or ended without a word. */
const NO_ANSWER: StorageError = { _tag: 'StorageError', kind: 'io', operation: 'read', file: '', code: '' }
