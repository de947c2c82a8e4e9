import { map, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import { failAsEvent } from '../operators/rx/failAsEvent.js'
import type { SessionEffect } from '../operators/session/effect.js'
import type { TrackerEvent } from '../operators/session/event.js'
import type { SessionDeps } from './deps.js'

/** One announce, and what came of it. Cold; emits once and completes. */
export const announceEvent = (
  { trackers, clock }: Pick<SessionDeps, 'trackers' | 'clock'>,
  { id, url, request }: SessionEffect & { readonly _tag: 'Announce' },
): Observable<TrackerEvent> =>
  trackers.announce(url, request).pipe(
    map(
      E.match(
        (error): TrackerEvent => ({ _tag: 'AnnounceFailed', at: clock.now(), id, error }),
        (response): TrackerEvent => ({ _tag: 'AnnounceSucceeded', at: clock.now(), id, response }),
      ),
    ),
    failAsEvent((): TrackerEvent => ({
      _tag: 'AnnounceFailed',
      at: clock.now(),
      id,
      error: { _tag: 'TrackerUnreachable', code: 'EUNEXPECTED' },
    })),
  )
