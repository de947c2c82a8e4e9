import {
  defer,
  EMPTY,
  filter,
  finalize,
  identity,
  map,
  merge,
  NEVER,
  Observable,
  of,
  share,
  Subject,
  takeUntil,
  tap,
} from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { decodeCompactPeers } from '../codecs/compactPeers.js'
import type { DecodeError } from '../codecs/errors.js'
import { MAX_ANNOUNCED_PEERS } from '../codecs/limits.js'
import type { Metainfo } from '../codecs/metainfoModel.js'
import type { PeerAddress } from '../codecs/peerAddress.js'
import { createPeerId, PEER_ID_RANDOM_LENGTH } from '../codecs/peerId.js'
import { swarmHash, swarmNames } from '../codecs/swarmHash.js'
import { verificationOf } from '../operators/piece/verification.js'
import { fifo } from '../operators/rx/fifo.js'
import type { SessionCommand } from '../operators/session/command.js'
import { DEFAULT_CONNECTION_LIMITS } from '../operators/session/connectionLimits.js'
import type { SessionEvent } from '../operators/session/event.js'
import type { SessionConfig } from '../operators/session/model.js'
import type { Notice } from '../operators/session/notice.js'
import { defaultPolicies } from '../operators/session/policies.js'
import { mergeLive } from '../operators/rx/mergeLive.js'
import type { CheckProgress, SessionState } from '../operators/session/state.js'
import { BLOCK_LENGTH } from '../operators/piece/geometry.js'
import { slice } from '../operators/view/slice.js'
import { whenComplete } from '../operators/view/whenComplete.js'
import type { SessionDeps, Storage } from './deps.js'
import { whereLeft } from './disk/whereLeft.js'
import { optionEvents, valueOf } from './optionEvents.js'
import { limitCommands } from './limitCommands.js'
import { type FollowedPriorities, followPriorities, insistOnPriorities } from './followPriorities.js'
import { sessionFiles, type SessionFiles } from './sessionFiles.js'
import type { Reason } from '../operators/explain/reason.js'
import { why } from '../operators/view/why.js'
import { dhtSource } from './dht/dhtSource.js'
import { joinDht } from './dht/joinDht.js'
import { DEFAULT_ENCRYPTION } from './encryption/policy.js'
import { withEncryption } from './encryption/withEncryption.js'
import { createSessionFile, type SessionFile } from './file/sessionFile.js'
import type { ReadSource } from './file/readStretch.js'
import { sessionLoop, type SessionOutput } from './sessionLoop.js'
import { refuseMisuse, type SessionOptions } from './sessionOptions.js'
import { stopOnAbort } from './stopOnAbort.js'
import { withWebSeeds } from './webSeed/withWebSeeds.js'

/**
 * A torrent being downloaded or seeded.
 *
 * Cold: the first subscription to any of its streams starts it, the end of the last one stops it at once and releases
 * every socket, file and timer; a later subscription starts it anew. To leave in good order send `Stop`:
 * trackers hear of it, data is flushed, and every stream completes, for good.
 *
 * The streams are multicast: however many subscribers, one session runs. An `error` on any of them is a bug in the
 * library or in the record of dependencies; everything that is to be expected is a state or a notice.
 */
export interface Session extends SessionFiles {
  readonly metainfo: Metainfo
  /** The whole state: the latest at once, then every 250 ms if something changed, and at once on a change of phase. */
  readonly state$: Observable<SessionState>
  /** Parts of `state$`, each when it changes, the latest at once. */
  readonly progress$: Observable<SessionState['progress']>
  readonly files$: Observable<SessionState['files']>
  readonly bitfield$: Observable<SessionState['bitfield']>
  readonly pieces$: Observable<SessionState['pieces']>
  readonly peers$: Observable<SessionState['peers']>
  /** Known addresses, those of connected peers among them. */
  readonly candidates$: Observable<SessionState['candidates']>
  readonly trackers$: Observable<SessionState['trackers']>
  readonly rates$: Observable<SessionState['rates']>
  readonly totals$: Observable<SessionState['totals']>
  readonly phase$: Observable<SessionState['phase']>
  /** The latest of `state$`, for code without streams; undefined while nothing runs and nothing has run to its end. */
  readonly state: () => SessionState | undefined
  /** Why nothing, or little, is moving, when that changes; an empty list: all is well. The latest at once. */
  readonly why$: Observable<ReadonlyArray<Reason>>
  /** Each thing worth telling, when it happens. No replay. */
  readonly alert$: Observable<Notice>
  /** Each piece when it is verified and written. No replay: those found on disk are in `bitfield$`. */
  readonly piece$: Observable<number>
  /**
   * One value when every piece that is wanted is verified and written (on the device too, where the world does not know the
   * system's boot: `SessionDeps.bootId`), at once if it is already; then
   * completes. Completes without a value when the session stops before.
   */
  readonly complete$: Observable<SessionState['progress']>
  /** All that the session's fold sees, payloads elided: with `config$`, a recording to replay. No replay by itself. */
  readonly event$: Observable<SessionEvent>
  /** What the present run was started with, once it runs. */
  readonly config$: Observable<SessionConfig>
  /** The file at `index` of `metainfo.files`, to be read while it comes. */
  readonly file: (index: number) => SessionFile
  /** Tells the session something. Without effect while nobody is subscribed. */
  readonly send: (command: SessionCommand) => void
  /**
   * Makes addresses known, as the user's own: dialled first, never forgotten. Compact ones are 6 bytes each (BEP 23), or
   * 18 with `family` 6 (BEP 7). Answers how many there were; which were good shows in `candidates$`.
   */
  readonly addPeers: (
    peers: ReadonlyArray<PeerAddress> | Uint8Array,
    family?: 4 | 6,
  ) => Either<DecodeError, number>
  /**
   * Hashes all that is on disk, off the loop, and goes by what was found: pieces that are wrong or missing are fetched
   * again, pieces that are there are had. Nothing is requested or served meanwhile.
   *
   * Cold: subscribing begins it (and, as with the streams, starts a session that nobody runs yet); whoever subscribes
   * while one is under way joins it. Emits after each batch of pieces and completes after the value that `isDone`;
   * without one when the session stops, or when the data cannot be read (`RecheckFailed` on `alert$`). Unsubscribing
   * before cancels: what was known before stands.
   *
   * @example
   * ```ts
   * torrent.hashCheck().subscribe(({ checkedPieces, pieceCount }) => console.log(checkedPieces, 'of', pieceCount))
   * ```
   */
  readonly hashCheck: () => Observable<CheckProgress>
}

/**
 * A session over the given world. Misuse (a v2 torrent without its piece layers, an option out of its bounds, priorities
 * that do not fit the files) throws a `TypeError` here; from here on nothing throws.
 *
 * @example
 * ```ts
 * const torrent = createSession(metainfo, deps, { peers: [{ host: '192.0.2.1', port: 6881 }] })
 * torrent.progress$.subscribe(({ fraction }) => console.log(fraction))
 * ```
 */
export const createSession = (metainfo: Metainfo, deps: SessionDeps, options: SessionOptions = {}): Session =>
  endableSession(metainfo, deps, options, NEVER)

/** For who keeps sessions: `end$` ends it at once and for good, whoever watches. */
export const endableSession = (
  metainfo: Metainfo,
  world: SessionDeps,
  options: SessionOptions,
  end$: Observable<unknown>,
): Session => {
  const verification = verificationOf(metainfo)
  if (verification === undefined) {
    throw new TypeError('this torrent has only a v2 infohash, and not all of its piece layers')
  }
  const infohash = swarmHash(metainfo)
  refuseMisuse(options)
  const deps: SessionDeps = {
    ...world,
    network: withEncryption(world, {
      names: swarmNames(metainfo),
      policy: options.encryption ?? DEFAULT_ENCRYPTION,
    }),
  }
  const { random, clock } = deps
  // What a private torrent does not have, it cannot tell anybody of (BEP 27).
  const dht = metainfo.isPrivate ? undefined : options.dht
  const leftWorld = whereLeft(deps)
  const command$ = new Subject<SessionCommand>()
  let latest: SessionState | undefined
  let config: SessionConfig | undefined
  let storage: Storage | undefined
  let windows = 0
  let recorders = 0
  let isOver = false
  // -1 is the check at the start.
  let checks = -1

  const hasWebSeeds = metainfo.webSeeds.length + metainfo.httpSeeds.length > 0
  const webSeeds =
    deps.webSeeds !== undefined && hasWebSeeds && options.webSeeds !== false
      ? withWebSeeds(deps.network, deps.webSeeds, { metainfo, infohash, clock })
      : undefined
  const fileCount = metainfo.files.length
  insistOnPriorities(options.priorities, fileCount)

  const configure = (priorities: FollowedPriorities): SessionConfig => ({
    metainfo,
    peerId: createPeerId(random.bytes(PEER_ID_RANDOM_LENGTH)),
    seed: numberOf(random.bytes(4)),
    announceKey: numberOf(random.bytes(4)),
    policies: { ...defaultPolicies, ...options.policies },
    announces: options.announce ?? true,
    peers: options.peers ?? [],
    desired: valueOf(options.desired) ?? 'running',
    blockLength: valueOf(options.blockLength) ?? BLOCK_LENGTH,
    connections: options.connections ?? DEFAULT_CONNECTION_LIMITS.connections,
    unchokeSlots: options.unchokeSlots ?? DEFAULT_CONNECTION_LIMITS.unchokeSlots,
    groups: options.groups ?? [],
    pex: options.pex ?? true,
    isResumed: deps.resume !== undefined,
    addedAt: Math.floor(deps.clock.date?.() ?? 0),
    ...priorities.config,
  })
  const option$ = mergeLive(
    options.recheck === true ? defer(() => of(recheckAtStart(clock.now()))) : EMPTY,
    optionEvents(clock, 'desired', options.desired, (desired) => ({ _tag: 'SetDesired', desired })),
    optionEvents(clock, 'blockLength', options.blockLength, (blockLength) => ({
      _tag: 'SetBlockLength',
      blockLength,
    })),
  )

  const send = (command: SessionCommand): void => {
    command$.next(command)
  }
  const running$ = defer(() => {
    const priorities = followPriorities(options.priorities, fileCount)
    return sessionLoop(webSeeds === undefined ? leftWorld() : { ...leftWorld(), network: webSeeds.network }, {
      config: configure(priorities),
      infohash,
      verification,
      port: options.port ?? 0,
      command$: mergeLive(
        command$,
        limitCommands(options.limits, options.groups ?? [], deps.clock),
        dht === undefined ? EMPTY : joinDht(dht, metainfo, clock),
      ),
      option$: mergeLive(option$, optionEvents(clock, 'priorities', priorities.later$, toSetPriorities)),
      streamPolicies: options.streamPolicies ?? [],
      sources: [
        ...(options.sources ?? []),
        ...(webSeeds === undefined ? [] : [webSeeds.source]),
        ...(dht === undefined ? [] : [dhtSource(dht, { chance: () => numberOf(random.bytes(4)) / 2 ** 32 })]),
      ],
      dht,
      isRecorded: () => recorders > 0,
    }).pipe(finalize(priorities.stop))
  }).pipe(takeUntil(end$))
  const output$ = running$.pipe(
    tap({
      next: (output) => {
        if (output._tag === 'State') latest = output.state
        else if (output._tag === 'Config') config = output.config
        else if (output._tag === 'Storage') storage = output.storage
      },
      complete: () => {
        isOver = true
      },
      finalize: () => {
        storage = undefined
        // A session that stopped by itself keeps its last state for whoever comes late.
        if (isOver) return
        latest = undefined
        config = undefined
      },
    }),
    options.signal === undefined
      ? identity
      : stopOnAbort(options.signal, () => {
          send({ _tag: 'Stop' })
        }),
    share({ resetOnComplete: false }),
  )
  /** Told apart once, not by each subscriber: whoever waits for states is not to look at every event. */
  const only = <Tag extends SessionOutput['_tag']>(
    tag: Tag,
  ): (() => Observable<Extract<SessionOutput, { readonly _tag: Tag }>>) => {
    let shared$: Observable<Extract<SessionOutput, { readonly _tag: Tag }>> | undefined
    return () =>
      (shared$ ??= output$.pipe(
        filter((output): output is Extract<SessionOutput, { readonly _tag: Tag }> => output._tag === tag),
        share({ resetOnComplete: false }),
      ))
  }
  const states = only('State')
  const notices = only('Notice')
  const events = only('Event')
  const state$ = defer(() => {
    const live$ = states().pipe(map(({ state }) => state))
    return latest === undefined ? live$ : startingWith(latest, live$)
  })
  const alert$ = defer(() => notices().pipe(map(({ notice }) => notice)))

  /** Made when it is asked for: most sessions are watched through few of their streams. */
  const part = <K extends keyof SessionState>(key: K): Observable<SessionState[K]> =>
    new Observable((subscriber) => state$.pipe(slice(key)).subscribe(subscriber))
  const readSource: ReadSource = {
    pieceLength: metainfo.pieceLength,
    state$,
    storage: () => storage,
    send,
    nextWindow: () => --windows,
  }

  return {
    metainfo,
    state$,
    progress$: part('progress'),
    files$: part('files'),
    bitfield$: part('bitfield'),
    pieces$: part('pieces'),
    peers$: part('peers'),
    candidates$: part('candidates'),
    trackers$: part('trackers'),
    rates$: part('rates'),
    totals$: part('totals'),
    phase$: part('phase'),
    why$: defer(() => state$.pipe(why())),
    state: () => latest,
    alert$,
    piece$: defer(() =>
      alert$.pipe(
        filter((notice) => notice._tag === 'PieceDone'),
        map(({ piece }) => piece),
      ),
    ),
    complete$: defer(() => state$.pipe(whenComplete())),
    event$: defer(() => {
      recorders++
      return events().pipe(
        map(({ event }) => event),
        finalize(() => {
          recorders--
        }),
      )
    }),
    config$: defer(() => {
      const live$ = output$.pipe(
        filter((output) => output._tag === 'Config'),
        map((output) => output.config),
      )
      return config === undefined ? live$ : startingWith(config, live$)
    }),
    addPeers: (peers, family = 4) => {
      const known =
        peers instanceof Uint8Array
          ? decodeCompactPeers(peers, family === 4 ? 4 : 16, MAX_ANNOUNCED_PEERS, 'peers')
          : E.right(peers)
      if (E.isRight(known)) command$.next({ _tag: 'AddPeers', peers: known.right })
      return E.map((addresses: ReadonlyArray<PeerAddress>) => addresses.length)(known)
    },
    hashCheck: () =>
      new Observable<CheckProgress>((subscriber) => {
        const id = --checks
        subscriber.add(
          alert$.subscribe({
            next: (notice) => {
              if (notice._tag === 'Rechecked') subscriber.next(notice.progress)
              const isOver =
                notice._tag === 'Rechecked' ? notice.progress.isDone : notice._tag === 'RecheckFailed'
              if (isOver) subscriber.complete()
            },
            error: (thrown: unknown) => {
              subscriber.error(thrown)
            },
            complete: () => {
              subscriber.complete()
            },
          }),
        )
        command$.next({ _tag: 'Recheck', id })
        return () => {
          // Passed over when the check is done.
          command$.next({ _tag: 'CancelRecheck', id })
        }
      }),
    send,
    ...sessionFiles(alert$, send),
    file: (index) => createSessionFile(metainfo, readSource, index),
  }
}

const toSetPriorities = (priorities: ReadonlyArray<number>): SessionCommand => ({
  _tag: 'SetPriorities',
  priorities,
})

/** `latest`, then all that comes after it, also what comes while somebody still looks at it. */
const startingWith = <A>(latest: A, live$: Observable<A>): Observable<A> =>
  merge(live$, of(latest)).pipe(fifo())

/** Nobody waits for this one under its id. */
const recheckAtStart = (at: number): SessionEvent => ({
  _tag: 'Command',
  at,
  command: { _tag: 'Recheck', id: -1 },
})

const numberOf = (bytes: Uint8Array): number => bytes.reduce((number, byte) => number * 256 + byte, 0)
