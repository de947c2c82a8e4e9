import { Observable, defer, finalize } from 'rxjs'

/**
 * Lets many use the files of a torrent, or one change where they are: who wants to be alone waits for those who are in,
 * and keeps out those who come later.
 */
export interface Gate {
  readonly isShut: () => boolean
  /** Somebody begins to use the files, whatever the gate; each is to `leave` once. */
  readonly enter: () => void
  readonly leave: () => void
  /** Calls `resume` when the gate is open; now if it is. */
  readonly onceOpen: (resume: () => void) => void
  /** `run`, as soon as the gate is open. */
  readonly whenOpen: <A>(run: () => Observable<A>) => Observable<A>
  /** `whenOpen`, and nobody is alone before it has ended. */
  readonly pass: <A>(run: () => Observable<A>) => Observable<A>
  /**
   * Runs `work` alone, to its end, even when nobody listens any more, which it can ask. Work that is left before it has
   * begun never begins. First come, first served.
   */
  readonly alone: <A>(work: (isLeft: () => boolean) => Observable<A>) => Observable<A>
}

export const createGate = (): Gate => {
  let users = 0
  let isShut = false
  let isTaken = false
  const queue: Array<() => void> = []
  const waiting: Array<() => void> = []

  const proceed = (): void => {
    if (isTaken) return
    isShut = queue.length > 0
    if (!isShut) for (const resume of waiting.splice(0)) resume()
    else if (users === 0) {
      isTaken = true
      queue.shift()?.()
    }
  }
  const open = (): void => {
    isTaken = false
    proceed()
  }
  const enter = (): void => {
    users += 1
  }
  const leave = (): void => {
    users -= 1
    if (isShut && users === 0) proceed()
  }

  const onceOpen = (resume: () => void): void => {
    if (isShut) {
      waiting.push(() => {
        onceOpen(resume)
      })
    } else resume()
  }

  const whenOpen: Gate['whenOpen'] = (run) =>
    new Observable((subscriber) => {
      onceOpen(() => {
        if (!subscriber.closed) run().subscribe(subscriber)
      })
    })

  return {
    isShut: () => isShut,
    enter,
    leave,
    onceOpen,
    whenOpen,
    pass: (run) =>
      whenOpen(() =>
        defer(() => {
          enter()
          return run().pipe(finalize(leave))
        }),
      ),
    alone: (work) =>
      new Observable((subscriber) => {
        let isLeft = false
        queue.push(() => {
          if (isLeft) {
            open()
            return
          }
          work(() => isLeft).subscribe({
            next: (value) => {
              subscriber.next(value)
            },
            error: (error: unknown) => {
              open()
              subscriber.error(error)
            },
            complete: () => {
              open()
              subscriber.complete()
            },
          })
        })
        proceed()
        return () => {
          isLeft = true
        }
      }),
  }
}
