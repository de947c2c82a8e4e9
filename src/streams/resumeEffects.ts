import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  take,
  tap,
} from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { toHex } from '../codecs/bytes.js'
import { MAX_RESUME_BYTES } from '../codecs/limits.js'
import type { Metainfo } from '../codecs/metainfoModel.js'
import { decodeResume, encodeResume, type ResumeData, resumeInfohash } from '../codecs/resume.js'
import { hasBit } from '../operators/piece/bitfield.js'
import { filesOfPieces, fileSpans } from '../operators/piece/fileMap.js'
import { blockSize, blocksIn } from '../operators/piece/geometry.js'
import { DEFAULT_PRIORITY } from '../operators/piece/pickOrder.js'
import { after } from '../operators/rx/after.js'
import { createSyncedPieces, type FlushReach, type Recalled } from '../operators/resume/syncedPieces.js'
import { failAsEvent } from '../operators/rx/failAsEvent.js'
import { SESSION_LIMITS } from '../operators/session/limits.js'
import type { ResumeClaims, SessionEffect, SlotBlocks } from '../operators/session/effect.js'
import type { SessionEvent } from '../operators/session/event.js'
import type { StorageError } from '../operators/session/storageError.js'
import type { FileStat, ResumeError, SessionDeps, Storage, StorageLayout } from './deps.js'
import { andThen } from './disk/andThen.js'
import { createFileWatch, type FileWatch } from './disk/fileWatch.js'
import { inTurn } from './disk/inTurn.js'
import { settle } from './disk/settle.js'
import type { Slots } from './disk/slots.js'
import { CLOSED, storageError } from './disk/storageError.js'
import { geometryOfLayout, withRenamed } from './storageLayout.js'

/** The effects that are about resume data, each as what it answers. */
export interface ResumeEffects {
  /**
   * Where the storage is to look for the files: under the names that an earlier run gave them. Reads for it what was
   * kept, afresh each time; `load` tells of that.
   */
  readonly locate: () => Observable<StorageLayout>
  readonly load: () => Observable<SessionEvent>
  readonly fill: (effect: SlotBlocks) => Observable<SessionEvent>
  readonly save: (effect: SessionEffect & { readonly _tag: 'SaveResume' }) => Observable<SessionEvent>
  readonly remove: () => Observable<SessionEvent>
  /**
   * `Storage.flush`, as far as a session waits for it. Where it fails, no file is vouched for any more: its next start
   * hashes them.
   */
  readonly flush: (storage: Storage) => Observable<Either<StorageError, void>>
  /** The data is in another folder from here on: so is what is kept, once it is saved again. Answers nothing. */
  readonly moved: (directory: string) => Observable<never>
  /** A check has found these pieces: whoever wrote them, they may not be on the device. */
  readonly found: (first: number, ok: Uint8Array) => void
  /** Every write of the session is told, when it begins and when it is over. */
  readonly watch: FileWatch
}

interface ResumeEffectsOptions {
  readonly metainfo: Metainfo
  readonly layout: StorageLayout
}

type FileStats = ReadonlyArray<Option<FileStat>>

type Loaded = Either<ResumeError, Option<ResumeData>>

/** A run of blocks of a piece. */
interface BlockRun {
  readonly begin: number
  readonly length: number
}

export const createResumeEffects = (
  {
    clock,
    resume: firstStore,
    fileNames = 'posix',
    bootId,
  }: Pick<SessionDeps, 'clock' | 'resume' | 'fileNames' | 'bootId'>,
  { metainfo, layout }: ResumeEffectsOptions,
  slots: Slots,
  storageNow: () => Storage | undefined,
): ResumeEffects => {
  const synced = createSyncedPieces(bootId)
  const fileWatch = createFileWatch(layout.files)
  const watch: FileWatch = {
    ...fileWatch,
    wrote: (offset, length) => {
      fileWatch.wrote(offset, length)
      const { pieceLength } = layout
      synced.wrote(Math.floor(offset / pieceLength), Math.floor((offset + length - 1) / pieceLength))
    },
  }
  let resume = firstStore
  let loaded: Loaded = E.right(O.none)
  /** No earlier run has left any, nor has this one yet. */
  let isNew = false
  /** What was loaded, or saved last, may have a choice of the user's in it. */
  let keepsChoices = false
  const id = toHex(resumeInfohash(metainfo))

  const withStorage = <A>(
    operation: StorageError['operation'],
    run: (storage: Storage) => Observable<Either<StorageError, A>>,
  ): Observable<Either<StorageError, A>> =>
    defer(() => {
      const storage = storageNow()
      return storage === undefined ? of(E.left(storageError(operation, [], CLOSED))) : run(storage)
    }).pipe(failAsEvent(() => E.left(storageError(operation, [], 'EIO'))))

  /** None where the storage cannot tell. */
  const stats = (): Observable<Either<StorageError, Option<FileStats>>> =>
    withStorage('read', (storage) => {
      const seen = watch.look()
      return storage.stat === undefined
        ? of(E.right(O.none))
        : storage.stat().pipe(map(E.map((now) => O.some(seen(now)))))
    })

  const runsOf = ({ piece, blocks, blockLength }: SlotBlocks): ReadonlyArray<BlockRun> => {
    const geometry = geometryOfLayout(layout, blockLength)
    const runs: { begin: number; length: number }[] = []
    for (let block = 0; block < blocksIn(geometry, piece); block++) {
      if (!hasBit(blocks, block)) continue
      const begin = block * blockLength
      const length = blockSize(geometry, piece, block)
      const last = runs.at(-1)
      if (last !== undefined && last.begin + last.length === begin) last.length += length
      else runs.push({ begin, length })
    }
    return runs
  }

  /** Does `move` to each run of blocks, one after the other; a `Left` ends it. */
  const eachRun = (
    from: SlotBlocks,
    move: (run: BlockRun, offset: number) => Observable<Either<StorageError, void>>,
  ): Observable<Either<StorageError, void>> =>
    defer(() => {
      const runs = runsOf(from)
      return inTurn(runs.length, (index) =>
        move(runs[index]!, from.piece * layout.pieceLength + runs[index]!.begin),
      ).pipe(settle<StorageError, void>(undefined))
    })

  const writeSlot = (from: SlotBlocks): Observable<Either<StorageError, void>> =>
    eachRun(from, ({ begin, length }, offset) =>
      withStorage('write', (storage) => {
        watch.wrote(offset, length)
        return storage
          .write(offset, slots.view(from.slot, begin + length).subarray(begin))
          .pipe(tap(() => watch.wrote(offset, length)))
      }),
    )

  /** The pieces whose blocks are in the storage. */
  const store = (blocks: ReadonlyArray<SlotBlocks>): Observable<ReadonlyArray<number>> =>
    defer(() => {
      const stored: number[] = []
      return inTurn<never, void>(blocks.length, (index) =>
        writeSlot(blocks[index]!).pipe(
          map((answer) => {
            if (E.isRight(answer)) stored.push(blocks[index]!.piece)
            return E.right(undefined)
          }),
        ),
      ).pipe(
        settle<never, void>(undefined),
        map(() => stored),
      )
    })

  /** The system tells of a lost write once, and the next flush is none the wiser: no file is vouched for after it. */
  const flushTo =
    (reach: FlushReach) =>
    (storage: Storage): Observable<Either<StorageError, void>> =>
      storage.flush(reach).pipe(
        tap((answer) => {
          if (E.isLeft(answer) && answer.left.kind !== 'closed') watch.doubt()
        }),
      )

  /** Answers whether all that is claimed is on the device. */
  const keep = (
    claims: ResumeClaims,
    reach: FlushReach,
    isAwaited: boolean,
  ): Observable<Either<ResumeError | StorageError, boolean>> =>
    defer(() => {
      synced.flushing()
      // What claims nothing runs ahead of nothing.
      return hasClaims(claims) ? withStorage('flush', flushTo(reach)) : of(E.right(undefined))
    }).pipe(
      andThen(stats),
      andThen<ResumeError | StorageError, Option<FileStats>, boolean>((now) => {
        const files = O.getOrElse((): FileStats => metainfo.files.map(() => O.none))(now)
        const unsynced = synced.flushed(claims, reach)
        // A disk with much to write takes seconds for a small file; a system that fails may leave the old one, or none.
        const chosen = hasChoices(claims, metainfo)
        keepsChoices ||= chosen
        const isExpendable = hasClaims(claims) ? O.isSome(unsynced) && !keepsChoices : isNew
        const saveReach = isAwaited && isExpendable ? reach : 'device'
        isNew = false
        const bytes = encodeResume({ ...claims, files, unsynced })
        return bytes.length > MAX_RESUME_BYTES
          ? of(E.left(tooLarge(bytes.length)))
          : within('save', resume?.save(id, bytes, saveReach) ?? of(E.left(failed('save')))).pipe(
              tap((answer) => {
                if (E.isRight(answer)) keepsChoices = chosen
              }),
              map(E.map(() => O.isNone(unsynced) && saveReach === 'device')),
            )
      }),
    )

  /** The answer of the store, or that there is none. */
  const within = <A>(
    operation: StoreOperation,
    answer$: Observable<Either<ResumeError, A>>,
  ): Observable<Either<ResumeError, A>> => {
    const silence$ = after(SESSION_LIMITS.storeAnswerMs, clock).pipe(
      map(() => E.left(failed(operation, 'ETIMEDOUT'))),
    )
    return merge(answer$, silence$).pipe(take(1))
  }

  const read = (found: Option<Uint8Array>): Loaded =>
    O.isNone(found)
      ? E.right(O.none)
      : E.map((data: ResumeData) => O.some(data))(
          decodeResume(found.value, metainfo, { platform: fileNames }),
        )

  const settled = (answer: Either<ResumeError | StorageError, boolean>): SessionEvent =>
    E.isRight(answer)
      ? { _tag: 'ResumeSaved', at: clock.now(), ...(answer.right ? {} : { isUnsynced: true }) }
      : { _tag: 'ResumeSaveFailed', at: clock.now(), error: answer.left }

  return {
    watch,
    flush: flushTo(synced.reach('system')),
    found: (first, ok) => {
      const files = new Set<number>()
      ok.forEach((isRight, i) => {
        if (isRight === 0) return
        for (const { file } of fileSpans(
          layout.files,
          (first + i) * layout.pieceLength,
          layout.pieceLength,
        )) {
          files.add(file)
        }
      })
      if (files.size > 0) storageNow()?.adopt?.([...files])
    },
    moved: (directory) =>
      defer(() => {
        const before = resume
        resume = before?.at?.(directory) ?? before
        watch.forget()
        isNew = false
        return before === resume || before === undefined ? EMPTY : before.remove(id)
      }).pipe(
        ignoreElements(),
        catchError(() => EMPTY),
      ),
    locate: () =>
      within(
        'load',
        defer(() => resume?.load(id) ?? of(NOTHING)),
      ).pipe(
        map(E.chain(read)),
        failAsEvent((): Loaded => E.left(failed('load'))),
        map((found) => {
          loaded = found
          isNew = E.isRight(found) && O.isNone(found.right)
          keepsChoices = E.isRight(found) && O.isSome(found.right) && hasChoices(found.right.value, metainfo)
          return E.isRight(found) && O.isSome(found.right)
            ? withRenamed(layout, found.right.value.renamed)
            : layout
        }),
      ),
    load: () =>
      defer(() => {
        const recalled = E.map(O.map(synced.recall))(loaded)
        const found = E.map(O.map(({ data }: Recalled) => data))(recalled)
        const inherited = E.isRight(recalled)
          ? O.chain(({ inherited: bits }: Recalled) => bits)(recalled.right)
          : O.none
        if (O.isSome(inherited)) {
          storageNow()?.adopt?.(filesOfPieces(layout.files, layout.pieceLength, inherited.value))
        }
        loaded = E.right(O.none)
        // Where what was saved is of no use, neither is a look at the files.
        return (E.isRight(found) ? stats() : of(E.right(O.none))).pipe(
          map((now): SessionEvent => ({
            _tag: 'ResumeLoaded',
            at: clock.now(),
            resume: E.isRight(found) ? found.right : O.none,
            stats: E.isRight(now) ? now.right : O.none,
            problem: E.isLeft(found) ? O.some(found.left) : O.none,
            ...(O.isSome(inherited) ? { isUnsynced: true } : {}),
          })),
        )
      }),
    fill: (effect) =>
      eachRun(effect, ({ begin, length }, offset) =>
        withStorage('read', (storage) => storage.read(offset, length)).pipe(
          map(
            E.map((bytes) => {
              slots.store(effect.slot, begin, bytes)
            }),
          ),
        ),
      ).pipe(
        map((answer): SessionEvent => ({
          _tag: 'SlotFilled',
          at: clock.now(),
          piece: effect.piece,
          ok: E.isRight(answer),
        })),
      ),
    save: ({ claims, blocks, reach, isAwaited = false }) =>
      store(blocks).pipe(
        mergeMap((pieces) => {
          const lost = new Set(blocks.map(({ piece }) => piece).filter((piece) => !pieces.includes(piece)))
          const partial = claims.partial.filter(({ piece }) => !lost.has(piece))
          const saved$ = keep({ ...claims, partial }, synced.reach(reach), isAwaited).pipe(map(settled))
          if (blocks.length === 0) return saved$
          return concat(of<SessionEvent>({ _tag: 'BlocksStored', at: clock.now(), pieces }), saved$)
        }),
        failAsEvent((): SessionEvent => ({
          _tag: 'ResumeSaveFailed',
          at: clock.now(),
          error: failed('save'),
        })),
      ),
    remove: () =>
      within(
        'remove',
        defer(() => resume?.remove(id) ?? of(E.right(undefined))),
      ).pipe(
        failAsEvent(() => E.left(failed('remove'))),
        map((answer): SessionEvent => ({
          _tag: 'ResumeRemoved',
          at: clock.now(),
          problem: E.isLeft(answer) ? O.some(answer.left) : O.none,
        })),
      ),
  }
}

const hasClaims = ({ pieces, partial }: ResumeClaims): boolean =>
  partial.length > 0 || pieces.some((byte) => byte !== 0)

/** Whether there is what neither the files nor the torrent would tell a start that has nothing else: a user's choices. */
const hasChoices = (
  { priorities, renamed, trackers, removedTrackers }: Omit<ResumeClaims, 'partial'>,
  metainfo: Metainfo,
): boolean => {
  const own = new Set(metainfo.trackers.flat())
  return (
    renamed.length > 0 ||
    removedTrackers.length > 0 ||
    trackers.some((tier) => tier.some((url) => !own.has(url))) ||
    priorities.some((priority, file) => priority !== DEFAULT_PRIORITY && metainfo.files[file]?.isPad !== true)
  )
}

const tooLarge = (actual: number): ResumeError => ({
  _tag: 'ResumeTooLarge',
  allowed: MAX_RESUME_BYTES,
  actual,
})

const NOTHING: Either<ResumeError, Option<Uint8Array>> = E.right(O.none)

type StoreOperation = 'load' | 'save' | 'remove'

/** Without a code the store threw: a bug of it, of which nothing more is known. */
const failed = (operation: StoreOperation, code = 'EUNEXPECTED'): ResumeError => ({
  _tag: 'ResumeStoreFailed',
  operation,
  code,
})
