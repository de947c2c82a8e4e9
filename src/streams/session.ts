import { defer, filter, finalize, map, merge, type Observable, of, share, Subject, tap } from 'rxjs'
import * as O from '#fp/Option'
import type { Metainfo } from '../codecs/metainfoModel.js'
import type { PeerAddress } from '../codecs/peerAddress.js'
import { createPeerId, PEER_ID_RANDOM_LENGTH } from '../codecs/peerId.js'
import type { SessionCommand } from '../operators/session/command.js'
import type { SessionEvent } from '../operators/session/event.js'
import type { SessionConfig } from '../operators/session/model.js'
import type { Notice } from '../operators/session/notice.js'
import { defaultPolicies, type SessionPolicies } from '../operators/session/policies.js'
import type { SessionState } from '../operators/session/state.js'
import { slice } from '../operators/view/slice.js'
import { whenComplete } from '../operators/view/whenComplete.js'
import type { SessionDeps } from './deps.js'
import type { ValueOr$ } from './followOption.js'
import { type FollowedPriorities, followPriorities, insistOnPriorities } from './followPriorities.js'
import { sessionLoop } from './sessionLoop.js'

export interface SessionOptions {
  /** Port to listen on; any free one where absent. */
  readonly port?: number
  /** Peers to start with, besides those of the trackers. */
  readonly peers?: ReadonlyArray<PeerAddress>
  /** Decisions of your own; the default ones stay for what is absent. */
  readonly policies?: Partial<SessionPolicies>
  /**
   * What each file is worth: one whole number for each of `metainfo.files`, 0 (not wanted) to 7 (first); all are 4
   * where absent. In force before the first request: an Observable that has not said anything when the session starts
   * is waited for. Each later value is a `SetPriorities`; an error of it ends the session. See `selectFiles`.
   */
  readonly priorities?: ValueOr$<ReadonlyArray<number>>
}

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
export interface Session {
  readonly metainfo: Metainfo
  /** The whole state: the latest at once, then every 250 ms if something changed, and at once on a change of phase. */
  readonly state$: Observable<SessionState>
  /** Parts of `state$`, each when it changes, the latest at once. */
  readonly progress$: Observable<SessionState['progress']>
  readonly files$: Observable<SessionState['files']>
  readonly bitfield$: Observable<SessionState['bitfield']>
  readonly pieces$: Observable<SessionState['pieces']>
  readonly peers$: Observable<SessionState['peers']>
  readonly trackers$: Observable<SessionState['trackers']>
  readonly rates$: Observable<SessionState['rates']>
  /** Each thing worth telling, when it happens. No replay. */
  readonly alert$: Observable<Notice>
  /** Each piece when it is verified and written. No replay: those found on disk are in `bitfield$`. */
  readonly piece$: Observable<number>
  /**
   * One value when every piece that is wanted is verified and flushed to the device, at once if it is already; then
   * completes. Completes without a value when the session stops before.
   */
  readonly complete$: Observable<SessionState['progress']>
  /** All that the session's fold sees, payloads elided: with `config$`, a recording to replay. No replay by itself. */
  readonly event$: Observable<SessionEvent>
  /** What the present run was started with, once it runs. */
  readonly config$: Observable<SessionConfig>
  /** Tells the session something. Without effect while nobody is subscribed. */
  readonly send: (command: SessionCommand) => void
}

/**
 * A session over the given world. Misuse (a torrent without a v1 half, priorities that do not fit its files) throws a
 * `TypeError` here; from here on nothing throws.
 *
 * @example
 * ```ts
 * const torrent = createSession(metainfo, deps, { peers: [{ host: '192.0.2.1', port: 6881 }] })
 * torrent.progress$.subscribe(({ fraction }) => console.log(fraction))
 * ```
 */
export const createSession = (
  metainfo: Metainfo,
  deps: SessionDeps,
  options: SessionOptions = {},
): Session => {
  if (O.isNone(metainfo.infohash.v1)) {
    throw new TypeError('this torrent has only a v2 infohash, and v2 transfer is not supported')
  }
  const infohash = metainfo.infohash.v1.value
  const { random } = deps
  const command$ = new Subject<SessionCommand>()
  let latest: SessionState | undefined
  let config: SessionConfig | undefined
  let recorders = 0
  let isOver = false

  const fileCount = metainfo.files.length
  insistOnPriorities(options.priorities, fileCount)

  const configure = (priorities: FollowedPriorities): SessionConfig => ({
    metainfo,
    peerId: createPeerId(random.bytes(PEER_ID_RANDOM_LENGTH)),
    seed: numberOf(random.bytes(4)),
    announceKey: numberOf(random.bytes(4)),
    policies: { ...defaultPolicies, ...options.policies },
    peers: options.peers ?? [],
    ...priorities.config,
  })

  const output$ = defer(() => {
    const priorities = followPriorities(options.priorities, fileCount)
    return sessionLoop(deps, {
      config: configure(priorities),
      infohash,
      port: options.port ?? 0,
      command$,
      option$: priorities.command$,
      isRecorded: () => recorders > 0,
    }).pipe(finalize(priorities.stop))
  }).pipe(
    tap({
      next: (output) => {
        if (output._tag === 'State') latest = output.state
        else if (output._tag === 'Config') config = output.config
      },
      complete: () => {
        isOver = true
      },
    }),
    finalize(() => {
      // A session that stopped by itself keeps its last state for whoever comes late.
      if (isOver) return
      latest = undefined
      config = undefined
    }),
    share({ resetOnComplete: false }),
  )
  const state$ = defer(() => {
    const live$ = output$.pipe(
      filter((output) => output._tag === 'State'),
      map(({ state }) => state),
    )
    return latest === undefined ? live$ : merge(of(latest), live$)
  })
  const alert$ = output$.pipe(
    filter((output) => output._tag === 'Notice'),
    map(({ notice }) => notice),
  )

  return {
    metainfo,
    state$,
    progress$: state$.pipe(slice('progress')),
    files$: state$.pipe(slice('files')),
    bitfield$: state$.pipe(slice('bitfield')),
    pieces$: state$.pipe(slice('pieces')),
    peers$: state$.pipe(slice('peers')),
    trackers$: state$.pipe(slice('trackers')),
    rates$: state$.pipe(slice('rates')),
    alert$,
    piece$: alert$.pipe(
      filter((notice) => notice._tag === 'PieceDone'),
      map(({ piece }) => piece),
    ),
    complete$: state$.pipe(whenComplete()),
    event$: defer(() => {
      recorders++
      return output$.pipe(
        filter((output) => output._tag === 'Event'),
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
      return config === undefined ? live$ : merge(of(config), live$)
    }),
    send: (command) => {
      command$.next(command)
    },
  }
}

const numberOf = (bytes: Uint8Array): number => bytes.reduce((number, byte) => number * 256 + byte, 0)
