import { interval, Observable, type SchedulerLike, Subscription } from 'rxjs'
import { relay } from '../rx/relay.js'
import { type ValueOr$, valuesOf } from '../rx/valueOr.js'
import type { SessionCommand } from '../session/command.js'
import type { SessionState } from '../session/state.js'
import { isLimit } from './limit.js'
import { nextShares } from './nextShares.js'
import type { RateLimits } from './policy.js'

/** A session that shares a limit with others. */
export interface SharingSession {
  readonly id: string
  readonly state$: Observable<Pick<SessionState, 'totals' | 'limits'>>
}

/** What a session is to be told. */
export interface ShareCommand {
  readonly id: string
  readonly command: SessionCommand
}

/** How often shares are looked at. */
const PERIOD_MS = 1_000
/** Rates are taken over so many: fewer say little where blocks are few, more would hold on to what nobody uses. */
const PERIODS = 3
/** Who had to wait this long ago is still hungry: it needs time to use what it was given. */
const HUNGRY_MS = PERIODS * PERIOD_MS
/** Smaller changes are not worth a command. */
const NEWS = 0.02

type Direction = keyof RateLimits

/** What is known of a session. */
interface Member {
  readonly id: string
  readonly subscription: Subscription
  state: Pick<SessionState, 'totals' | 'limits'> | undefined
  readonly down: Lane
  readonly up: Lane
  told: RateLimits
}

interface Lane {
  /** At the ends of the last periods. */
  readonly totals: number[]
  /** Over those, in bytes per second. */
  rate: number
  heldAt: number
  /** `Infinity` where it has shown none. */
  ownLimit: number
}

/**
 * Divides a limit among sessions, as commands for each: sessions that have to wait for their share get equal ones; those
 * that move less keep what they move and a tenth; idle ones keep a small floor, and get an equal share within a second of
 * asking for one. Together they never get more than the total.
 *
 * 1. Cold. Subscribes to `state$` of each session in the latest list, which starts a session that nothing else has, and
 *    leaves it when it is in the list no longer. A `state$` that ends takes its session out of the sum.
 * 2. A session that is new in the list is told its share at once, right after its `state$` was subscribed: send the
 *    command at once, and it holds before the first byte. Nothing is told while there never was a limit.
 * 3. A change of the total is told at once, every other one once a second. Lowered shares come before raised ones.
 * 4. A total that is no number of bytes, or whose Observable fails, is told to every session as `ReportFailure`; the last
 *    value stays. Until an Observable has emitted there is no limit.
 * 5. Completes never; fails when `sessions$` does.
 *
 * @param clock - the clock of the sessions, for the seconds.
 *
 * @example
 * ```ts
 * fairLimits(sessions$, { down: 2_000_000, up: up$ }, clock).subscribe(({ id, command }) => sessions.get(id)?.send(command))
 * ```
 */
export const fairLimits = (
  sessions$: Observable<ReadonlyArray<SharingSession>>,
  total: { readonly down?: ValueOr$<number>; readonly up?: ValueOr$<number> },
  clock: SchedulerLike,
): Observable<ShareCommand> =>
  new Observable<ShareCommand>((subscriber) => {
    const members = new Map<string, Member>()
    const totals = { down: Infinity, up: Infinity }
    /** A failure from when there was nobody to be told of it. */
    let unheard: string | undefined

    const share = (isWorthIt: (told: RateLimits, next: RateLimits) => boolean): void => {
      const all = [...members.values()]
      const down = sharesOf(totals.down, all, 'down', clock.now())
      const up = sharesOf(totals.up, all, 'up', clock.now())
      const next = all.map((_, index): RateLimits => ({ down: down[index]!, up: up[index]! }))
      if (!all.some(({ told }, index) => isWorthIt(told, next[index]!))) return
      const told = all.map((member) => member.told)
      // Lowered ones first, so that there is never more given than there is.
      all.forEach((member, index) => {
        tell(member, {
          down: Math.min(told[index]!.down, next[index]!.down),
          up: Math.min(told[index]!.up, next[index]!.up),
        })
      })
      all.forEach((member, index) => {
        tell(member, next[index]!)
      })
    }

    const tell = (member: Member, limits: RateLimits): void => {
      const { told, id } = member
      if (told.down === limits.down && told.up === limits.up) return
      member.told = limits
      subscriber.next({ id, command: { _tag: 'SetLimits', scope: 'client', ...limits } })
    }

    const report = (message: string): void => {
      unheard = members.size === 0 ? message : undefined
      for (const id of [...members.keys()]) {
        subscriber.next({ id, command: { _tag: 'ReportFailure', policy: 'limits', message } })
      }
    }

    const join = ({ id, state$ }: SharingSession): void => {
      const member: Member = {
        id,
        subscription: new Subscription(),
        state: undefined,
        down: { totals: [], rate: 0, heldAt: -Infinity, ownLimit: Infinity },
        up: { totals: [], rate: 0, heldAt: -Infinity, ownLimit: Infinity },
        told: { down: Infinity, up: Infinity },
      }
      const leave = (): void => {
        if (members.get(id) === member) members.delete(id)
      }
      members.set(id, member)
      member.subscription.add(
        state$.subscribe({
          next: (state) => {
            member.state = state
          },
          // Whoever uses the session hears of it; the others share what it had.
          error: leave,
          complete: leave,
        }),
      )
    }

    const setTotal = (direction: Direction, value: number): void => {
      if (!isLimit(value)) {
        report(`the client's limit ${String(value)} is not a number of bytes per second`)
        return
      }
      totals[direction] = value
      share(() => true)
    }

    const follow = (direction: Direction): void => {
      const option = total[direction]
      if (option === undefined) return
      relay(valuesOf(option), subscriber, {
        next: (value) => {
          setTotal(direction, value)
        },
        error: (thrown: unknown) => {
          report(thrown instanceof Error ? thrown.message : 'failed with a value that is no Error')
        },
        complete: () => undefined,
      })
    }

    subscriber.add(() => {
      for (const { subscription } of members.values()) subscription.unsubscribe()
    })
    follow('down')
    follow('up')
    relay(sessions$, subscriber, {
      next: (sessions) => {
        const listed = new Set(sessions.map(({ id }) => id))
        for (const [id, { subscription }] of [...members]) {
          if (listed.has(id)) continue
          members.delete(id)
          subscription.unsubscribe()
        }
        for (const session of sessions) if (!members.has(session.id)) join(session)
        share(isNews)
        if (unheard !== undefined) report(unheard)
      },
      error: (thrown: unknown) => {
        subscriber.error(thrown)
      },
      complete: () => undefined,
    })
    relay(interval(PERIOD_MS, clock), subscriber, {
      next: () => {
        for (const member of members.values()) measure(member, clock.now())
        share(isNews)
      },
      error: (thrown: unknown) => {
        subscriber.error(thrown)
      },
      complete: () => undefined,
    })
  })

/** Takes note of what a session has moved in a period. */
const measure = ({ state, told, down, up }: Member, now: number): void => {
  if (state === undefined) return
  const { totals, limits } = state
  note(down, totals.downloaded)
  note(up, totals.uploaded)
  noteLimit(down, told.down, limits.down, limits.isDownHeld, now)
  noteLimit(up, told.up, limits.up, limits.isUpHeld, now)
}

/** A lower limit of its own shows while its share is above. */
const noteLimit = (lane: Lane, told: number, limit: number, isHeld: boolean, now: number): void => {
  if (limit < told) lane.ownLimit = limit
  else if (told > lane.ownLimit) lane.ownLimit = Infinity
  if (isHeld) lane.heldAt = now
}

const note = (lane: Lane, total: number): void => {
  const { totals } = lane
  const moved = Math.max(0, total - (totals[0] ?? total))
  lane.rate = (moved * 1_000) / (PERIOD_MS * Math.max(1, totals.length))
  totals.push(total)
  if (totals.length > PERIODS) totals.shift()
}

const sharesOf = (
  total: number,
  members: ReadonlyArray<Member>,
  direction: Direction,
  now: number,
): ReadonlyArray<number> =>
  nextShares(
    total,
    members.map((member) => ({
      rate: member[direction].rate,
      ownLimit: member[direction].ownLimit,
      isHungry: now - member[direction].heldAt < HUNGRY_MS,
    })),
  )

const isNews = (told: RateLimits, next: RateLimits): boolean =>
  differs(told.down, next.down) || differs(told.up, next.up)

const differs = (told: number, next: number): boolean =>
  told !== next && (told === Infinity || Math.abs(told - next) > told * NEWS)
