import { Subscription, firstValueFrom, lastValueFrom, toArray } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type {
  OpenStorage,
  PieceDigests,
  Storage,
  StorageError,
  StorageLayout,
} from '../../src/streams/deps.js'

/** The one answer of an operation. */
export const answerOf = <A>(answer$: Observable<Either<StorageError, A>>): Promise<Either<StorageError, A>> =>
  firstValueFrom(answer$)

/** The value of an operation that should succeed. */
export const valueOf = async <A>(answer$: Observable<Either<StorageError, A>>): Promise<A> => {
  const answer = await firstValueFrom(answer$)
  if (E.isLeft(answer)) throw new Error(JSON.stringify(answer.left))
  return answer.right
}

/** The kind of error of an operation that should fail. */
export const kindOf = async (answer$: Observable<Either<StorageError, unknown>>): Promise<string> => {
  const answer = await firstValueFrom(answer$)
  return E.isLeft(answer) ? answer.left.kind : 'no error'
}

export interface OpenedStorage {
  readonly storage: Storage
  readonly close: () => void
}

export const openStorage = (open: OpenStorage, layout: StorageLayout): OpenedStorage => {
  const subscription = new Subscription()
  let opened: Either<StorageError, Storage> | undefined
  subscription.add(
    open(layout).subscribe({
      next: (answer) => {
        opened = answer
      },
      error: (error: unknown) => {
        throw error
      },
    }),
  )
  if (opened === undefined || E.isLeft(opened)) throw new Error(`not open: ${JSON.stringify(opened)}`)
  return {
    storage: opened.right,
    close: () => {
      subscription.unsubscribe()
    },
  }
}

/** All batches as one; checks that they are in order and without gaps. */
export const allDigests = async (
  batch$: Observable<Either<StorageError, PieceDigests>>,
  first: number,
): Promise<PieceDigests> => {
  const batches = await lastValueFrom(batch$.pipe(toArray()))
  const digests: Uint8Array[] = []
  const present: number[] = []
  for (const batch of batches) {
    if (E.isLeft(batch)) throw new Error(JSON.stringify(batch.left))
    if (batch.right.first !== first + present.length) throw new Error('batches out of order')
    digests.push(batch.right.digests)
    present.push(...batch.right.present)
  }
  return { first, digests: new Uint8Array(Buffer.concat(digests)), present: Uint8Array.from(present) }
}
