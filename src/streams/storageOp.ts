import { map, of, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { failAsEvent } from '../operators/rx/failAsEvent.js'
import type { StorageOpEffect } from '../operators/session/effect.js'
import type { StorageOpEvent } from '../operators/session/event.js'
import type { Storage, StorageError } from './deps.js'

const OPERATIONS = { MoveStorage: 'move', RenameFile: 'rename', RemoveData: 'remove' } as const

/** Asks the storage, where there is one, and tells what comes of it. */
export const storageOp = (
  storage: Storage | undefined,
  effect: StorageOpEffect,
  now: () => number,
): Observable<StorageOpEvent> => {
  const fail = (error: StorageError): StorageOpEvent => ({
    _tag: 'StorageOpFailed',
    at: now(),
    id: effect.id,
    error,
  })
  const failure = (kind: StorageError['kind']): StorageError => ({
    _tag: 'StorageError',
    kind,
    operation: OPERATIONS[effect._tag],
    file: '',
    code: '',
  })
  const answer$ =
    storage === undefined ? of(E.left(failure('closed'))) : ask(storage, effect, failure('unsupported'), now)
  return answer$.pipe(
    map(E.getOrElse(fail)),
    failAsEvent(() => fail(failure('io'))),
  )
}

const ask = (
  storage: Storage,
  effect: StorageOpEffect,
  unsupported: StorageError,
  now: () => number,
): Observable<Either<StorageError, StorageOpEvent>> => {
  const { id } = effect
  const refused$ = of(E.left(unsupported))
  switch (effect._tag) {
    case 'MoveStorage':
      return (storage.move?.(effect.directory) ?? refused$).pipe(
        map(
          E.map(({ movedBytes, totalBytes, isDone }) =>
            isDone
              ? { _tag: 'StorageMoved', at: now(), id, directory: storage.directory ?? effect.directory }
              : { _tag: 'MoveProgressed', at: now(), id, movedBytes, totalBytes },
          ),
        ),
      )
    case 'RenameFile': {
      const { file, path } = effect
      return (storage.rename?.(file, path) ?? refused$).pipe(
        map(E.map(() => ({ _tag: 'FileRenamed', at: now(), id, file, path }))),
      )
    }
    case 'RemoveData':
      return (storage.remove?.(effect.vouched) ?? refused$).pipe(
        map(E.map(() => ({ _tag: 'DataRemoved', at: now(), id }))),
      )
  }
}
