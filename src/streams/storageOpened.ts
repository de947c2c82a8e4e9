import { map, of, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import { failAsEvent } from '../operators/rx/failAsEvent.js'
import type { RenamedFile } from '../codecs/resume.js'
import type { LongFile } from '../operators/session/longFile.js'
import type { SessionEvent } from '../operators/session/event.js'
import type { Clock, Storage } from './deps.js'

/** What is told of a storage that has just been opened, once it has been asked for what it found. */
export const storageOpened = (
  { directory, longFiles }: Pick<Storage, 'directory' | 'longFiles'>,
  renamed: ReadonlyArray<RenamedFile>,
  clock: Pick<Clock, 'now'>,
): Observable<SessionEvent> =>
  (longFiles?.() ?? of(E.right(NONE))).pipe(
    // Who cannot be looked at will say so to those who read it.
    map(E.getOrElse(() => NONE)),
    failAsEvent(() => NONE),
    map((found) => ({
      _tag: 'StorageOpened',
      at: clock.now(),
      ...(directory === undefined ? {} : { directory }),
      ...(renamed.length === 0 ? {} : { renamed }),
      ...(found.length === 0 ? {} : { longFiles: found }),
    })),
  )

const NONE: ReadonlyArray<LongFile> = []
