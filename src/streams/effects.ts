import {
  filter,
  finalize,
  ignoreElements,
  map,
  Observable,
  of,
  type OperatorFunction,
  Subscription,
  switchMap,
  tap,
  timer,
} from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { Metainfo } from '../codecs/metainfoModel.js'
import { metadataPiece } from '../codecs/wire/utMetadata.js'
import { writeMessages } from '../codecs/wire/write.js'
import { type PieceVerification, rightPieces } from '../operators/piece/verification.js'
import { failAsEvent } from '../operators/rx/failAsEvent.js'
import { matchAsEvent } from '../operators/rx/matchAsEvent.js'
import type { SessionEffect } from '../operators/session/effect.js'
import type { SessionEvent } from '../operators/session/event.js'
import type { StorageError } from '../operators/session/storageError.js'
import type { Turn } from '../operators/session/turn.js'
import type { SessionDeps, Storage, StorageLayout } from './deps.js'
import type { SessionDht } from './dht/sessionDht.js'
import { announceEvent } from './announceEvent.js'
import { readInto } from './disk/readInto.js'
import { createServePool } from './disk/servePool.js'
import { pieceHasher, runningHasher } from './disk/pieceHasher.js'
import { createSlots } from './disk/slots.js'
import { createOpenById } from './openById.js'
import { pathsOf, renamedIn } from './storageLayout.js'
import { storageOp } from './storageOp.js'
import { storageOpened } from './storageOpened.js'
import { createResumeEffects } from './resumeEffects.js'
import type { Wires } from './peer/wires.js'
import { runEach } from './runEach.js'
import { serveHashes } from './serveHashes.js'

export interface EffectsOptions {
  readonly wires: Wires
  readonly metainfo: Metainfo
  readonly layout: StorageLayout
  readonly verification: PieceVerification
  /** Takes the DHT nodes that peers tell of; nobody does where absent. */
  readonly dht?: Pick<SessionDht, 'addNodes'> | undefined
  /** Port to listen on; 0 for any. */
  readonly port: number
}

/**
 * Runs the effects of each turn, in order and at once, and answers with events. An effect that answers later is a
 * subscription of its own; unsubscribing the result ends them all and closes what they opened. What a driver answers,
 * failures too, becomes events; an error is a bug of a driver: one that threw.
 */
export const runEffects =
  (deps: SessionDeps, options: EffectsOptions): OperatorFunction<Turn, SessionEvent> =>
  (turn$) =>
    new Observable<SessionEvent>((subscriber) => {
      const { clock, hasher } = deps
      const { wires, layout, verification } = options
      const hashPiece = pieceHasher(hasher, layout)
      const slots = createSlots(layout.pieceLength, runningHasher(hasher, layout), deps.buffers)
      const outgoing = createServePool()
      const moves = createOpenById()
      let storage: Storage | undefined
      const resume = createResumeEffects(deps, options, slots, () => storage)
      let opened = Subscription.EMPTY
      let checking = Subscription.EMPTY
      let saving = Subscription.EMPTY

      const answers = {
        next: (event: SessionEvent): void => {
          subscriber.next(event)
        },
        error: (thrown: unknown): void => {
          subscriber.error(thrown)
        },
      }
      const launch = (event$: Observable<SessionEvent>): Subscription => {
        const running = event$.subscribe(answers)
        subscriber.add(running)
        return running
      }

      const failed = (piece: number, bytes: number, error: StorageError): SessionEvent => ({
        _tag: 'StorageFailed',
        at: clock.now(),
        piece,
        bytes,
        error,
      })

      /** One call of the storage, as one event. */
      const ask = <A>(
        call: (storage: Storage) => Observable<Either<StorageError, A>>,
        operation: StorageError['operation'],
        onRight: (value: A) => SessionEvent,
        onLeft: (error: StorageError) => SessionEvent,
      ): Subscription => {
        const closed: StorageError = { _tag: 'StorageError', kind: 'closed', operation, file: '', code: '' }
        if (storage === undefined) {
          subscriber.next(onLeft(closed))
          return Subscription.EMPTY
        }
        return launch(
          call(storage).pipe(matchAsEvent(onLeft, onRight, () => onLeft({ ...closed, kind: 'io' }))),
        )
      }

      /** What is being written is ours, and what was. */
      const write = (piece: number, begin: number, bytes: Uint8Array, onRight: () => SessionEvent): void => {
        const offset = piece * layout.pieceLength + begin
        const { length } = bytes
        const tell = (): void => {
          resume.watch.wrote(offset, length)
        }
        ask(
          (open) => {
            tell()
            return open.write(offset, bytes)
          },
          'write',
          () => {
            tell()
            return onRight()
          },
          (error) => {
            tell()
            return failed(piece, length, error)
          },
        )
      }

      const run = (effect: SessionEffect): void => {
        switch (effect._tag) {
          case 'StoreBlock':
            slots.store(effect.slot, effect.begin, effect.payload)
            return
          case 'Send':
            wires.send(effect.peer, effect.messages)
            return
          case 'ServeBlocks':
            serve(effect)
            return
          case 'ServeMetadata':
            serveMetadata(effect)
            return
          case 'ServeHashes':
          case 'ServeLeaves':
            launch(serveHashes(effect, { wires, layout, storage, clock }))
            return
          case 'AwaitHashTurn':
            launch(timer(0, clock).pipe(map(() => ({ _tag: 'HashTurn', at: clock.now() }))))
            return
          case 'VerifyPiece':
            verify(effect)
            return
          case 'WritePiece': {
            const bytes = slots.lend(effect.slot, effect.length)
            write(effect.piece, 0, bytes, () => {
              slots.release(effect.slot, bytes)
              return { _tag: 'PieceWritten', at: clock.now(), piece: effect.piece }
            })
            return
          }
          case 'WriteBlock': {
            const { piece, block, begin } = effect
            const onRight = (): SessionEvent => ({ _tag: 'BlockWritten', at: clock.now(), piece, block })
            write(piece, begin, effect.payload.slice(), onRight)
            return
          }
          case 'DropSlots':
            slots.drop()
            return
          case 'Flush':
            ask(
              (open) => resume.flush(open),
              'flush',
              () => ({ _tag: 'Flushed', at: clock.now() }),
              (error) => failed(-1, 0, error),
            )
            return
          case 'AddDhtNode':
            options.dht?.addNodes([effect.address])
            return
          case 'SelectFiles':
            selectFiles(effect.wanted)
            return
          case 'ReleaseHandles':
            storage?.releaseHandles?.()
            return
          case 'MoveStorage':
            moves.add(
              effect.id,
              launch(
                storageOp(storage, effect, () => clock.now()).pipe(
                  tap((event) => {
                    // Before the event: a save that it leads to goes to the new place.
                    if (event._tag === 'StorageMoved') launch(resume.moved(event.directory))
                  }),
                ),
              ),
            )
            return
          case 'CancelMove':
            cancelMove(effect.id)
            return
          case 'RenameFile':
          case 'RemoveData':
            launch(storageOp(storage, effect, () => clock.now()))
            return
          case 'LoadResume':
            launch(resume.load())
            return
          case 'FillSlot':
            launch(resume.fill(effect))
            return
          case 'SaveResume':
            saving = launch(resume.save(effect))
            return
          case 'RemoveResume':
            // What a save has not handed over yet is not to come after.
            saving.unsubscribe()
            launch(resume.remove())
            return
          case 'OpenStorage':
            openStorage()
            return
          case 'CheckPieces':
            check(effect)
            return
          case 'CancelCheck':
            checking.unsubscribe()
            return
          case 'Listen':
            launch(wires.listen(options.port))
            return
          case 'Dial':
            launch(wires.dial(effect.peer, effect.address, effect))
            return
          case 'Close':
            wires.close(effect.peer, effect.reason)
            return
          case 'Announce':
            launch(announceEvent(deps, effect))
            return
        }
      }

      const serve = (effect: SessionEffect & { readonly _tag: 'ServeBlocks' }): void => {
        const { peer, piece, begin, length, blockLength } = effect
        const offset = piece * layout.pieceLength + begin
        const frames = outgoing.take(piece, begin, length, blockLength)
        const giveBack = (): void => {
          outgoing.giveBack(frames)
        }
        ask(
          (open) => readInto(open, offset, frames.blocks, layout.length),
          'read',
          () => {
            const { bytes } = frames
            const isFull = wires.write(peer, bytes, giveBack)
            if (isFull === undefined) giveBack()
            return {
              _tag: 'BlocksServed',
              at: clock.now(),
              peer,
              bytes: length,
              wireBytes: bytes.length,
              isFull: isFull ?? false,
            }
          },
          (error) => ({ ...effect, _tag: 'ServeFailed', at: clock.now(), error }),
        )
      }

      const serveMetadata = ({
        peer,
        id,
        piece,
      }: SessionEffect & { readonly _tag: 'ServeMetadata' }): void => {
        const payload = metadataPiece(options.metainfo.info, piece)
        const bytes = writeMessages([{ _tag: 'Extended', id, payload }])
        const wireBytes = bytes.length
        const isFull = wires.write(peer, bytes) ?? false
        subscriber.next({ _tag: 'MetadataServed', at: clock.now(), peer, wireBytes, isFull })
      }

      const verify = ({ piece, slot, length }: SessionEffect & { readonly _tag: 'VerifyPiece' }): void => {
        const answer = (ok: boolean): SessionEvent => ({ _tag: 'PieceVerified', at: clock.now(), piece, ok })
        if (slot < 0) {
          ask(
            (open) => open.hashPieces(piece, piece),
            'hash',
            ({ digests, present }) =>
              present[0] === 1
                ? answer(verification.isRight(piece, digests))
                : { _tag: 'PieceLost', at: clock.now(), piece },
            (error) => failed(piece, 0, error),
          )
          return
        }
        const digest = slots.digest(slot, length)
        if (digest !== undefined) {
          subscriber.next(answer(verification.isRight(piece, digest)))
          return
        }
        launch(
          hashPiece(slots.view(slot, length)).pipe(
            map(({ digest, bytes }): SessionEvent => {
              if (bytes.length === 0) return { _tag: 'PieceLost', at: clock.now(), piece }
              slots.giveBack(slot, bytes)
              return answer(verification.isRight(piece, digest))
            }),
          ),
        )
      }

      const openStorage = (): void => {
        // One at a time: a storage that is open would be in the way of its successor.
        opened.unsubscribe()
        storage = undefined
        const opening = new Subscription()
        opened = opening
        subscriber.add(opening)
        // With the names that the files have: nothing is looked for under others first.
        const located$ = resume.locate().pipe(
          tap((located) => {
            opening.add(launch(openAt(located)))
          }),
          ignoreElements(),
        )
        opening.add(launch(located$))
      }

      const openAt = (located: StorageLayout): Observable<SessionEvent> =>
        deps.openStorage(located).pipe(
          switchMap(
            E.match(
              (error) => of(failed(-1, 0, error)),
              (ready) => {
                storage = ready
                return storageOpened(ready, renamedIn(layout, ready.paths ?? pathsOf(located)), clock)
              },
            ),
          ),
          failAsEvent(() => failed(-1, 0, storageFailure('io', 'open'))),
        )

      /** Until the storage is open, and where it knows no selection, there is nothing to tell. */
      const selectFiles = (wanted: ReadonlyArray<boolean>): void => {
        if (storage?.select === undefined) return
        // What is written while files change places is not a stranger's doing.
        resume.watch.forget()
        launch(
          storage.select(wanted).pipe(
            filter(E.isLeft),
            map(({ left }) => failed(-1, 0, { ...left, operation: 'open' })),
            failAsEvent(() => failed(-1, 0, storageFailure('io', 'open'))),
            finalize(resume.watch.forget),
          ),
        )
      }

      const cancelMove = (id: number): void => {
        if (!moves.end(id)) return
        const error = storageFailure('closed', 'move')
        subscriber.next({ _tag: 'StorageOpFailed', at: clock.now(), id, error })
      }

      const check = (effect: SessionEffect & { readonly _tag: 'CheckPieces' }): void => {
        const { first, last, recheck } = effect
        checking = ask(
          (open) => open.hashPieces(first, last),
          'hash',
          (batch) => {
            const ok = rightPieces(verification, batch)
            resume.found(batch.first, ok)
            const checked = { _tag: 'PiecesChecked', at: clock.now(), first: batch.first, ok } as const
            return recheck === undefined ? checked : { ...checked, recheck }
          },
          (error) => failed(-1, 0, error),
        )
      }

      subscriber.add(runEach(turn$, run, subscriber))
      return slots.drop
    })

/** A failure that no system has a code for. */
const storageFailure = (kind: StorageError['kind'], operation: StorageError['operation']): StorageError => ({
  _tag: 'StorageError',
  kind,
  operation,
  file: '',
  code: '',
})
