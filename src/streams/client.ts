import {
  concat,
  defer,
  distinctUntilChanged,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  ReplaySubject,
  Subject,
  Subscription,
  tap,
} from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { toHex } from '../codecs/bytes.js'
import type { Metainfo } from '../codecs/metainfoModel.js'
import { swarmNames } from '../codecs/swarmHash.js'
import { inTurns } from '../operators/rx/inTurns.js'
import { aborted } from '../operators/rx/until.js'
import { fairLimits } from '../operators/rate/fairLimits.js'
import { DEFAULT_CONNECTION_LIMITS } from '../operators/session/connectionLimits.js'
import type { Notice } from '../operators/session/notice.js'
import { type Added } from './client/added.js'
import { budgetOf } from './client/budget.js'
import {
  type AddError,
  isMagnet,
  usableMagnet,
  type UsableTorrent,
  usableTorrent,
} from './client/addTorrent.js'
import { addTotals, type ClientState, type ClientTotals, NO_TOTALS } from './client/clientState.js'
import { createClientStates } from './client/clientStates.js'
import { createFetches } from './client/fetches.js'
import { giveEvenShare } from './client/giveEvenShare.js'
import { createMember, type Member, stopMember, tellToStop } from './client/member.js'
import type { AddOptions, ClientDeps, ClientOptions } from './client/options.js'
import { createPlanner } from './client/planner.js'
import { setRunning } from './client/runQueue.js'
import { sharedWorld } from './client/sharedWorld.js'
import { withDefaults } from './client/withDefaults.js'
import type { StorageError } from './deps.js'
import { dhtSource } from './dht/dhtSource.js'
import { endableSession, type Session } from './session.js'

export type { Added }

/** Something that happened to a session of a client, or to the client. */
export type ClientAlert =
  | { readonly _tag: 'SessionNotice'; readonly infohash: string; readonly notice: Notice }
  /** A bug ended the session; it is no longer the client's, and can be added again. The others go on. */
  | { readonly _tag: 'SessionDied'; readonly infohash: string; readonly error: unknown }
  /** A bug ended the client, as `close` does; no more comes. */
  | { readonly _tag: 'ClientDied'; readonly error: unknown }
  /** The queue policy threw or answered nonsense; the default answered in its place. Not repeated while it goes on. */
  | { readonly _tag: 'QueueFailed'; readonly message: string }

export interface RemoveOptions {
  /** Delete the torrent's data too, and nothing of others. */
  readonly data?: boolean
}

/** Why a torrent was not removed, or its data was not. */
export type RemoveError = { readonly _tag: 'TorrentUnknown' } | StorageError

/**
 * Many torrents: sessions that share one port, one budget of connections, one set of limits, one pulse, and whatever
 * else their world has only once.
 *
 * A session is cold, because watching it is what it is for. A client is an object with an end: a program adds to it and
 * takes from it in many places and at many times, and none of them should end it by looking away. It keeps its sessions
 * running by itself, watched or not, from `add` until they stop, are removed, or the client is closed; it holds nothing
 * before the first `add` and nothing after `close`. A session that is stopped, by whomever, leaves the client.
 *
 * `add`, `remove` and `stop` are cold: they do what they say when they are subscribed to, and answer with values. Once
 * the client is closed every stream of it and of its sessions has completed; those that replay still tell their last
 * value.
 */
export interface Client {
  /** By infohash, in hex, in the order of their addition: now, and when one comes or goes. */
  readonly sessions$: Observable<ReadonlyMap<string, Session>>
  /** A line for each session and for each magnet link that is followed, and their sums: now, then every 250 ms if something changed, and when one comes or goes. */
  readonly state$: Observable<ClientState>
  /** The sums, when they change; the latest at once. */
  readonly totals$: Observable<ClientTotals>
  /** The notices of all sessions, and what befell them, when it happens. No replay. */
  readonly alert$: Observable<ClientAlert>
  readonly state: () => ClientState
  readonly get: (infohash: string) => Session | undefined
  /**
   * Takes a torrent in, given as the path of a file, its bytes, or decoded, and starts it. Emits once and completes: at
   * once, unless there is a file to read or a session of this torrent that is just stopping. One that is there already
   * is answered as it is.
   *
   * A magnet link is followed, watched or not, until its torrent is known, or it is removed: `state$` tells how that
   * goes, and the answer comes when it has become a session, with the files that the link selects.
   */
  readonly add: (
    torrent: string | Uint8Array | Metainfo,
    options?: AddOptions,
  ) => Observable<Either<AddError, Added>>
  /**
   * Stops a session in good order, or gives a magnet link up. Emits once and completes when it is over; also where its data could not be deleted,
   * which is a `Left` then.
   */
  readonly remove: (infohash: string, options?: RemoveOptions) => Observable<Either<RemoveError, void>>
  /** Gives a session to the queue, or takes it out of its hands; without effect on a torrent that is not there. */
  readonly setQueued: (infohash: string, isQueued: boolean) => void
  /** Stops all sessions in good order, then closes. Completes without a value. */
  readonly stop: () => Observable<never>
  /** Ends everything at once, whoever is subscribed: sockets, files, timers. */
  readonly close: () => void
}

/** Beats of the pulse between two looks at the queue and the shares, 5 s; at those of memory, soon outgrown, 1 s. */
const BEATS = 20
const MEMORY_BEATS = 4
/** Sessions told to stop in one turn of the loop: each takes half a millisecond of it. */
const STOPS_A_TURN = 4

/**
 * A client over the given world.
 *
 * @example
 * ```ts
 * const torrents = createClient(deps, { directory: 'downloads', queue: fifoQueue({ downloads: 3 }) })
 * torrents.totals$.subscribe(({ down, up }) => console.log(down, up))
 * torrents.add(bytes).subscribe((added) => console.log(added._tag))
 * ```
 */
export const createClient = (deps: ClientDeps, options: ClientOptions): Client => {
  const { queue } = options
  const budget = budgetOf(options)
  const world = sharedWorld(deps, { ...options, connections: budget.connections })
  const members = new Map<string, Member>()
  const sessions$ = new ReplaySubject<ReadonlyMap<string, Session>>(1)
  const changed$ = new Subject<void>()
  const alert$ = new Subject<ClientAlert>()
  const takeState = createClientStates()
  const subscriptions = new Subscription()
  let beating = Subscription.EMPTY
  let gone = NO_TOTALS
  let beats = 0
  let isChanged = false
  let isLimited = false
  let isPlanDue = false
  let isEnding = false
  let isClosed = false

  const decide = createPlanner({
    queue,
    budget,
    now: () => deps.clock.now(),
    onProblem: (message) => {
      alert$.next({ _tag: 'QueueFailed', message })
    },
  })
  const plan = (what: 'all' | 'memory' = 'all'): void => {
    refresh()
    if (what === 'all') isPlanDue = false
    if (!isEnding) decide([...members.values()], what)
  }

  /** Looking costs less than being told: an idle session has nothing to say. */
  const refresh = (): void => {
    for (const member of members.values()) {
      const phase = member.state?.phase
      if (!member.refresh()) continue
      isChanged = true
      if (member.state?.phase !== phase) isPlanDue = true
    }
  }

  const beat = (): void => {
    beats++
    refresh()
    if (isPlanDue || beats % BEATS === 0) plan()
    else if (isChanged && beats % MEMORY_BEATS === 0) plan('memory')
    if (!isChanged) return
    isChanged = false
    changed$.next()
  }

  const beatWhileBusy = (): void => {
    if (members.size + fetches.size() === 0 || isClosed) beating.unsubscribe()
    else if (beating.closed) beating = world.pulse.fast$.subscribe({ next: beat, error: die })
  }

  const publish = (): void => {
    if (isClosed) return
    sessions$.next(new Map([...members].map(([infohash, { session }]) => [infohash, session])))
    changed$.next()
  }

  /** From the first session on; the limits are asked for once. */
  const limit = (): void => {
    if (options.limits === undefined || isLimited) return
    isLimited = true
    const sharing$ = sessions$.pipe(
      map((sessions) => Array.from(sessions, ([id, { state$: stateOf$ }]) => ({ id, state$: stateOf$ }))),
    )
    subscriptions.add(
      fairLimits(sharing$, options.limits, deps.clock).subscribe({
        next: ({ id, command }) => members.get(id)?.tell(command),
        error: die,
      }),
    )
  }

  const take = ({ metainfo, infohash }: UsableTorrent, addOptions: AddOptions): Added => {
    const known = members.get(toHex(infohash))
    if (known !== undefined) return { infohash: known.infohash, session: known.session, isNew: false }
    const end$ = new ReplaySubject<void>(1)
    const { queued = true, signal, ...rest } = withDefaults(options, addOptions)
    // What its world sees to.
    const { directory: _, encryption: __, ...sessionOptions } = rest
    const { member, start } = createMember({
      infohash: toHex(infohash),
      session: endableSession(metainfo, world.depsOf(swarmNames(metainfo), addOptions), sessionOptions, end$),
      end: () => {
        end$.next()
      },
      signal,
      isQueued: queue !== undefined && queued && rest.desired === undefined,
      desired: rest.desired === 'paused' ? 'paused' : 'running',
      most: {
        connections: sessionOptions.connections ?? DEFAULT_CONNECTION_LIMITS.connections,
        unchokeSlots: sessionOptions.unchokeSlots ?? DEFAULT_CONNECTION_LIMITS.unchokeSlots,
      },
      pieceLength: metainfo.pieceLength,
      now: () => deps.clock.now(),
      onWish: (wishing, desired) => {
        // What it has come to first: only what differs from that is said.
        refresh()
        wishing.desired = desired
        if (wishing.isQueued) plan()
        else setRunning(wishing, desired)
      },
      onNotice: (from, notice) => {
        alert$.next({ _tag: 'SessionNotice', infohash: from.infohash, notice })
      },
      onOver: (over, failure) => {
        members.delete(over.infohash)
        if (over.state !== undefined) gone = addTotals(gone, over.state.totals)
        beatWhileBusy()
        isPlanDue = true
        if (failure !== undefined) {
          alert$.next({ _tag: 'SessionDied', infohash: over.infohash, error: failure.error })
        }
        publish()
      },
    })
    members.set(member.infohash, member)
    start()
    limit()
    beatWhileBusy()
    isPlanDue = true
    if (member.isQueued) plan()
    else giveEvenShare(budget, member, members.size)
    publish()
    return { infohash: member.infohash, session: member.session, isNew: true }
  }

  const fetches = createFetches({
    directoryOf: ({ directory = options.directory }) => directory,
    depsOf: world.depsOf,
    sourcesOf: (addOptions) => {
      const { dht, sources = [] } = withDefaults(options, addOptions)
      return dht === undefined ? sources : [...sources, dhtSource(dht)]
    },
    kept: deps.keptTorrents,
    take,
    onChange: () => {
      isChanged = true
    },
    onCount: () => {
      beatWhileBusy()
      if (!isClosed) changed$.next()
    },
    onDied: (infohash, error) => {
      alert$.next({ _tag: 'SessionDied', infohash, error })
    },
  })

  /** Answers with the session that there is already, else with `begin`. */
  const admit = (
    infohash: Uint8Array,
    begin: () => Observable<Either<AddError, Added>>,
  ): Observable<Either<AddError, Added>> =>
    defer(() => {
      if (isEnding) return of(E.left<AddError>({ _tag: 'ClientClosed' }))
      const known = members.get(toHex(infohash))
      if (known === undefined) return begin()
      const { session, isLeaving, over$ } = known
      return isLeaving
        ? concat(over$, admit(infohash, begin))
        : of(E.right({ infohash: known.infohash, session, isNew: false }))
    })

  const addTorrent = (torrent: UsableTorrent, addOptions: AddOptions): Observable<Either<AddError, Added>> =>
    admit(torrent.infohash, () => {
      let added: Added | undefined
      const takeOnce = (): Added => (added ??= take(torrent, addOptions))
      fetches.settle(toHex(torrent.infohash), takeOnce)
      return of(E.right(takeOnce()))
    })

  const addMagnet = (link: string, addOptions: AddOptions): Observable<Either<AddError, Added>> => {
    const usable = usableMagnet(link)
    if (E.isLeft(usable)) return of(usable)
    const { magnet, infohash } = usable.right
    return admit(infohash, () => fetches.follow(magnet, infohash, addOptions))
  }

  const close = (): void => {
    if (isClosed) return
    isEnding = true
    isClosed = true
    fetches.cancelAll({ _tag: 'ClientClosed' })
    for (const { abort } of [...members.values()]) abort()
    world.close()
    beating.unsubscribe()
    subscriptions.unsubscribe()
    sessions$.next(new Map())
    sessions$.complete()
    changed$.next()
    changed$.complete()
    alert$.complete()
  }

  const die = (error: unknown): void => {
    alert$.next({ _tag: 'ClientDied', error })
    close()
  }

  const state = (): ClientState => {
    refresh()
    return takeState({ members, fetching: fetches.states(), port: world.port(), gone })
  }
  const state$ = defer(() => merge(of(undefined), changed$)).pipe(map(state), distinctUntilChanged())

  sessions$.next(new Map())
  if (options.signal !== undefined) {
    subscriptions.add(aborted(options.signal).subscribe({ next: close, error: die }))
  }

  return {
    sessions$: sessions$.asObservable(),
    state$,
    totals$: state$.pipe(
      map(({ totals }) => totals),
      distinctUntilChanged(),
    ),
    alert$: alert$.asObservable(),
    state,
    get: (infohash) => members.get(infohash)?.session,
    add: (torrent, addOptions = {}) =>
      isMagnet(torrent)
        ? defer(() => addMagnet(torrent, addOptions))
        : defer(() => usableTorrent(torrent, deps.readTorrent)).pipe(
            mergeMap((usable) => (E.isLeft(usable) ? of(usable) : addTorrent(usable.right, addOptions))),
          ),
    remove: (infohash, { data = false } = {}) =>
      defer((): Observable<Either<RemoveError, void>> => {
        if (fetches.cancel(infohash)) return of(E.right(undefined))
        const member = members.get(infohash)
        if (member === undefined) return of(E.left<RemoveError>({ _tag: 'TorrentUnknown' }))
        member.isLeaving = true
        const removed$ = data ? member.session.removeData() : of(E.right(undefined))
        return removed$.pipe(mergeMap((removed) => concat(stopMember(member), of(removed))))
      }),
    setQueued: (infohash, isQueued) => {
      const member = members.get(infohash)
      if (member === undefined || queue === undefined) return
      member.isQueued = isQueued
      member.isChanged = true
      member.activeSince = undefined
      if (!isQueued) setRunning(member, member.desired)
      plan()
    },
    stop: () =>
      defer(() => {
        isEnding = true
        fetches.cancelAll({ _tag: 'ClientClosed' })
        const ending = [...members.values()]
        // Not the caller's: who leaves has still asked for the end of all.
        subscriptions.add(
          inTurns(ending, STOPS_A_TURN, deps.clock).subscribe({ next: tellToStop, error: die }),
        )
        return merge(...ending.map(({ over$ }) => over$)).pipe(tap({ complete: close }))
      }),
    close,
  }
}
