import { EMPTY, filter, isObservable, type Observable, ReplaySubject } from 'rxjs'
import * as O from '#fp/Option'
import type { ValueOr$ } from '../operators/rx/valueOr.js'

/** An option as a session follows it. */
export interface FollowedOption<A> {
  /** What it says at once; none: nothing yet. */
  readonly now: O.Option<A>
  /** What it says from then on, and its error. For one subscriber. */
  readonly later$: Observable<A>
  /** Lets go of what the user gave. */
  readonly stop: () => void
}

/** Begins to follow an option: the last of the values that come while it is being subscribed counts as the first. */
export const followOption = <A>(option: ValueOr$<A>): FollowedOption<A> => {
  if (!isObservable(option)) return { now: O.some(option), later$: EMPTY, stop: () => undefined }
  let now: O.Option<A> = O.none
  let isFollowed = false
  // What comes before somebody listens is kept.
  const later$ = new ReplaySubject<A>(1)
  const subscription = option
    .pipe(
      filter((value) => {
        if (!isFollowed) now = O.some(value)
        return isFollowed
      }),
    )
    .subscribe(later$)
  isFollowed = true
  return {
    now,
    later$,
    stop: () => {
      subscription.unsubscribe()
    },
  }
}
