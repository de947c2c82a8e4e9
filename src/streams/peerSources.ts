import {
  catchError,
  combineLatest,
  defer,
  distinctUntilChanged,
  EMPTY,
  filter,
  map,
  merge,
  type Observable,
  observeOn,
  of,
  switchMap,
} from 'rxjs'
import * as O from '#fp/Option'
import type { CandidateState } from '../operators/peer/policy.js'
import type { PeerSource, SwarmView } from '../operators/peer/source.js'
import type { SessionCommand } from '../operators/session/command.js'
import type { SessionState } from '../operators/session/state.js'
import { slice } from '../operators/view/slice.js'
import type { Clock } from './deps.js'

/** Addresses known and not yet found useless: with so many, nobody needs to look for more. */
const ENOUGH_CANDIDATES = 200

export interface SourcesOptions {
  readonly infohash: Uint8Array
  readonly isPrivate: boolean
  /** Replays the latest. */
  readonly state$: Observable<SessionState>
  readonly clock: Clock
}

/**
 * What peer sources find, as commands, while the session takes peers: they are left when it pauses, and asked afresh
 * when it goes on. A private torrent is kept from the public ones (BEP 27). Never errors: a source that does is reported.
 */
export const peerSourceCommands = (
  sources: ReadonlyArray<PeerSource>,
  { infohash, isPrivate, state$, clock }: SourcesOptions,
): Observable<SessionCommand> => {
  const allowed = sources.filter(({ isPublic }) => !(isPublic && isPrivate))
  if (allowed.length === 0) return EMPTY
  const phase$ = state$.pipe(slice('phase'))
  const swarm: SwarmView = {
    infohash,
    port$: state$.pipe(
      slice('port'),
      filter(O.isSome),
      map(({ value }) => value),
      distinctUntilChanged(),
    ),
    externalPort$: state$.pipe(
      map(({ port, externalPort }) => (O.isSome(externalPort) ? externalPort : port)),
      filter(O.isSome),
      map(({ value }) => value),
      distinctUntilChanged(),
    ),
    isSeed$: state$.pipe(
      slice('progress'),
      map(({ isComplete }) => isComplete),
      distinctUntilChanged(),
    ),
    wantsPeers$: combineLatest([phase$, state$.pipe(slice('candidates'), map(untried))]).pipe(
      map(([phase, candidates]) => phase === 'downloading' && candidates < ENOUGH_CANDIDATES),
      distinctUntilChanged(),
    ),
    clock,
  }
  const found$ = defer(() => merge(...allowed.map((source) => commandsOf(source, swarm))))
  return phase$.pipe(
    map((phase) => phase === 'downloading' || phase === 'seeding'),
    distinctUntilChanged(),
    switchMap((isOnline) => (isOnline ? found$ : EMPTY)),
    // Later than the state that led to it: what is told to the fold waits for the end of its turn anyway.
    observeOn(clock),
  )
}

const untried = (candidates: ReadonlyArray<CandidateState>): number =>
  candidates.reduce((count, { failures }) => (failures === 0 ? count + 1 : count), 0)

const commandsOf = (source: PeerSource, swarm: SwarmView): Observable<SessionCommand> =>
  defer(() => source.find(swarm)).pipe(
    map((peers): SessionCommand => ({ _tag: 'AddPeers', peers, source: source.name })),
    catchError((thrown: unknown) => of(failure(thrown))),
  )

const failure = (thrown: unknown): SessionCommand => ({
  _tag: 'ReportFailure',
  policy: 'source',
  message: thrown instanceof Error ? thrown.message : 'threw a value that is no Error',
})
