import {
  catchError,
  defer,
  distinctUntilChanged,
  EMPTY,
  filter,
  map,
  merge,
  type Observable,
  observeOn,
  of,
} from 'rxjs'
import * as O from '#fp/Option'
import type { MetadataEvent } from '../../operators/metadata/event.js'
import type { MetadataState } from '../../operators/metadata/state.js'
import type { PeerSource, SwarmView } from '../../operators/peer/source.js'
import type { Clock } from '../deps.js'

/** Peers that have the metadata: with so many, nobody needs to look for more. */
const ENOUGH_HOLDERS = 4

/**
 * What peer sources find, as events. Whether the torrent is private is not known before its metadata, so all of them are
 * asked, as a link is there to be followed. Never errors: a source that does is reported.
 */
export const metadataSourceEvents = (
  sources: ReadonlyArray<PeerSource>,
  {
    infohash,
    state$,
    clock,
  }: {
    readonly infohash: Uint8Array
    /** Replays the latest. */
    readonly state$: Observable<MetadataState>
    readonly clock: Clock
  },
): Observable<MetadataEvent> => {
  if (sources.length === 0) return EMPTY
  const swarm: SwarmView = {
    infohash,
    port$: state$.pipe(
      map(({ progress }) => progress.port),
      filter(O.isSome),
      map(({ value }) => value),
      distinctUntilChanged(),
    ),
    wantsPeers$: state$.pipe(
      map(({ progress }) => progress.peers.filter(({ size }) => O.isSome(size)).length < ENOUGH_HOLDERS),
      distinctUntilChanged(),
    ),
    clock,
  }
  const found = ({ name, find }: PeerSource): Observable<MetadataEvent> =>
    defer(() => find(swarm)).pipe(
      map((peers): MetadataEvent => ({ _tag: 'PeersFound', at: clock.now(), source: name, peers })),
      catchError((thrown: unknown) =>
        of<MetadataEvent>({
          _tag: 'SourceFailed',
          at: clock.now(),
          source: name,
          message: thrown instanceof Error ? thrown.message : 'threw a value that is no Error',
        }),
      ),
    )
  // Later than the state that led to it, as in a session.
  return merge(...sources.map(found)).pipe(observeOn(clock))
}
