import { defer, type Observable, Subject, Subscription } from 'rxjs'
import { aborted } from '../../operators/rx/until.js'
import type { SessionCommand } from '../../operators/session/command.js'
import type { ConnectionLimits } from '../../operators/session/connectionLimits.js'
import { SESSION_LIMITS } from '../../operators/session/limits.js'
import type { Notice } from '../../operators/session/notice.js'
import type { SessionState } from '../../operators/session/state.js'
import type { Session } from '../session.js'
import type { SessionSummary } from './clientState.js'

/** A session in the care of a client, and what the client knows of it. Mutable, private to the client. */
export interface Member {
  readonly infohash: string
  /** As users get it: what it is told about running goes by the client. */
  readonly session: Session
  /** Straight to the session. */
  readonly tell: (command: SessionCommand) => void
  /** Completes when the session is over, however it ended. */
  readonly over$: Observable<never>
  /** Ends it at once. */
  readonly abort: () => void
  /** Looks at what the session has come to; answers whether that is news. */
  readonly refresh: () => boolean
  readonly addedAt: number
  /** Whether the queue decides when it runs. */
  isQueued: boolean
  state: SessionState | undefined
  summary: SessionSummary | undefined
  /** The summary no longer says what is. */
  isChanged: boolean
  /** What the user wants. */
  desired: 'running' | 'paused'
  /** What the session was told last, by the client or by who steers it from within. */
  told: 'running' | 'paused'
  /** What it was told that it may have; never more than `most`. */
  share: ConnectionLimits
  readonly most: ConnectionLimits
  readonly pieceLength: number
  /** Bytes of pieces under way that it was told it may have. */
  memory: number
  /** Since when the queue lets it run. */
  activeSince: number | undefined
  movedAt: number
  isLeaving: boolean
}

export interface MemberOptions {
  readonly infohash: string
  readonly session: Session
  /** What ends the session. */
  readonly end: () => void
  readonly signal: AbortSignal | undefined
  readonly isQueued: boolean
  readonly desired: 'running' | 'paused'
  readonly most: ConnectionLimits
  readonly pieceLength: number
  readonly now: () => number
  /** What the user wants of it from now on. */
  readonly onWish: (member: Member, desired: 'running' | 'paused') => void
  readonly onNotice: (member: Member, notice: Notice) => void
  /** Once, last. */
  readonly onOver: (member: Member, failure: { readonly error: unknown } | undefined) => void
}

/** The session runs once `start` is called, and is kept running until it is over. */
export const createMember = (
  options: MemberOptions,
): { readonly member: Member; readonly start: () => void } => {
  const { infohash, session, end, now } = options
  const over$ = new Subject<never>()
  const running = new Subscription()
  let isOver = false

  const tell = (command: SessionCommand): void => {
    if (command._tag === 'Stop') member.isLeaving = true
    session.send(command)
  }
  const send = (command: SessionCommand): void => {
    if (command._tag !== 'SetDesired' || command.desired === 'stopped') {
      tell(command)
      return
    }
    options.onWish(member, command.desired)
  }
  const member: Member = {
    infohash,
    session: { ...session, send },
    tell,
    over$,
    abort: end,
    refresh: () => {
      const state = session.state()
      const before = member.state
      // None: the session is no more, and the last one counts.
      if (state === undefined || state === before) return false
      member.state = state
      member.isChanged = true
      if (before !== undefined && bytesMoved(state) !== bytesMoved(before)) member.movedAt = now()
      adoptWish(member, state, before)
      return true
    },
    addedAt: now(),
    isQueued: options.isQueued,
    state: undefined,
    summary: undefined,
    isChanged: true,
    desired: options.desired,
    told: options.desired,
    share: options.most,
    most: options.most,
    pieceLength: options.pieceLength,
    memory: SESSION_LIMITS.unverifiedBytes,
    activeSince: undefined,
    movedAt: now(),
    isLeaving: false,
  }

  const finish = (failure: { readonly error: unknown } | undefined): void => {
    if (isOver) return
    isOver = true
    member.refresh()
    running.unsubscribe()
    // Whoever subscribes from here on finds it ended, and does not start it again.
    end()
    options.onOver(member, failure)
    over$.complete()
  }

  const onError = (error: unknown): void => {
    finish({ error })
  }
  const onComplete = (): void => {
    finish(undefined)
  }
  const start = (): void => {
    running.add(
      session.alert$.subscribe({
        next: (notice) => {
          options.onNotice(member, notice)
        },
        error: onError,
        complete: onComplete,
      }),
    )
    if (options.signal !== undefined) {
      running.add(aborted(options.signal).subscribe({ next: member.abort, error: onError }))
    }
  }
  return { member, start }
}

const bytesMoved = ({ totals }: SessionState): number => totals.downloaded + totals.uploaded

/** Who steers the session from within, by its own `desired` or a stream policy, speaks for the user. */
const adoptWish = (member: Member, { desired }: SessionState, before: SessionState | undefined): void => {
  if (desired === 'stopped' || desired === before?.desired || desired === member.told) return
  member.told = desired
  member.desired = desired
}

export const tellToStop = ({ tell }: Member): void => {
  tell({ _tag: 'Stop' })
}

/** Cold: tells it, and completes when it is over. */
export const stopMember = (member: Member): Observable<never> =>
  defer(() => {
    tellToStop(member)
    return member.over$
  })
