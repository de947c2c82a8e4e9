import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { Observable, defer, map, of } from 'rxjs'
import type { Either } from '#fp/Either'
import { pieceRoot } from '../../codecs/merkle.js'
import type { Hasher, PieceDigests, StorageError } from '../deps.js'
import { CLOSED } from '../disk/storageError.js'
import { hashFiles } from './hashFiles.js'
import type { Elsewhere, HashLayout } from './hashFiles.js'
import type { HashAnswer, HashJob } from './hashJob.js'
import { hashWorkerCount, startHashWorker } from './hashWorkers.js'
import { startMerkle } from './merkleDigest.js'
import { createWorkerPool } from './workerPool.js'

/** Posting a job to a worker and taking the answer costs the loop what hashing this much does. */
const INLINE_BYTES = 32 * 1024

/** Up to so many cores, a thread that hashes takes its time from the loop: then the loop hashes itself, at half the cost. */
const FEW_CORES = 2

/** Pieces hashed in worker threads, by SHA-1 or SHA-256. Nothing starts before it is needed, and an idle pool does not hold the process. */
export interface HashPool {
  /** Bytes in memory. Where a worker died with them, both `digest` and `bytes` come back empty. */
  readonly hasher: Hasher
  /**
   * Pieces `first … last` of the files below `root`, read by the worker itself: their bytes never cross the loop.
   * Cold; emits in batches, in order, and ends after `last` or the first `Left`. Unsubscribing stops within a batch.
   * `elsewhere` says of which files the bytes are in another one.
   */
  readonly hashFiles: (
    root: string,
    layout: HashLayout,
    first: number,
    last: number,
    elsewhere?: Elsewhere,
  ) => Observable<Either<StorageError, PieceDigests>>
  /** Ends the workers. What is under way on files answers `closed`; memory is hashed on the loop from here on. */
  readonly close: () => void
}

export interface HashPoolOptions {
  /** Threads at most; as many as cores, up to 4, unless given. They start as there is work for them. */
  readonly workers?: number
  /** Whether blocks are hashed on the loop as they come; where there are no more than two cores, unless given. */
  readonly hashOnLoop?: boolean
  /** Starts a thread that runs `hashWorker.js`. */
  readonly startWorker?: () => Worker
}

export const createHashPool = (options: HashPoolOptions = {}): HashPool => {
  const pool = createWorkerPool({
    workers: options.workers ?? hashWorkerCount(),
    start: options.startWorker ?? startHashWorker,
  })

  const run = (job: HashJob): Observable<HashAnswer> =>
    new Observable((subscriber) =>
      pool.submit(job, (answer) => {
        subscriber.next(answer)
        subscriber.complete()
      }),
    )

  const hashBytes = (
    bytes: Uint8Array,
    job: HashJob,
    onLoop: (bytes: Uint8Array) => Uint8Array,
  ): Observable<{ readonly digest: Uint8Array; readonly bytes: Uint8Array }> =>
    bytes.length <= INLINE_BYTES
      ? defer(() => of({ digest: onLoop(bytes), bytes }))
      : run(job).pipe(
          // Bytes that never reached a worker are still here; else `bytes` is empty, and so is the digest.
          map((answer) =>
            answer._tag === 'Digest' ? answer : { digest: bytes.length === 0 ? bytes : onLoop(bytes), bytes },
          ),
        )

  const onLoop = options.hashOnLoop ?? availableParallelism() <= FEW_CORES

  return {
    hasher: {
      ...(onLoop ? { start: () => createHash('sha1'), startMerkle } : {}),
      sha1: (bytes) => hashBytes(bytes, { _tag: 'Sha1', id: 0, bytes }, sha1),
      merkle: (bytes, pieceLength) =>
        hashBytes(bytes, { _tag: 'Merkle', id: 0, bytes, pieceLength }, (piece) =>
          pieceRoot(piece, pieceLength),
        ),
    },
    hashFiles: hashFiles(run),
    close: () => {
      pool.close(CLOSED)
    },
  }
}

const sha1 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha1').update(bytes).digest())
