import {
  distinctUntilChanged,
  EMPTY,
  filter,
  endWith,
  finalize,
  ignoreElements,
  map,
  merge,
  type Observable,
  switchMap,
  takeUntil,
  tap,
} from 'rxjs'
import * as O from '#fp/Option'
import { slice } from '../../operators/view/slice.js'
import type { Session } from '../session.js'
import type { PortMappingState, PortToMap } from './portMappingState.js'

export interface MapSessionOptions {
  /** What asks the gateway: `portMapping`, or `mapPorts` over another world. */
  readonly mapPorts: (ports: ReadonlyArray<PortToMap>) => Observable<PortMappingState>
  /** The UDP port that is to lead inside too, of a DHT node or whoever has it; none where absent. */
  readonly udpPort$?: Observable<number>
}

/** How it stands with one of the ports. */
export interface SessionMapping extends PortToMap {
  readonly state: PortMappingState
}

/**
 * Has the gateway lead the session's port inside, and the UDP port beside it, each by itself, so that one that is refused
 * does not cost the other; and tells the session where it is found from outside, which trackers and peers then hear.
 *
 * Cold; emits what changes, for each port. A session counts it as a subscription, and it completes when the session has
 * stopped; that, or unsubscribing, takes the mappings back. Never errors but for a bug.
 *
 * @example
 * ```ts
 * mapSession(torrent, { mapPorts: portMapping, udpPort$: node.port$ }).subscribe(({ protocol, state }) => {
 *   console.log(protocol, state._tag)
 * })
 * ```
 */
export const mapSession = (
  { state$, send }: Pick<Session, 'state$' | 'send'>,
  { mapPorts, udpPort$ = EMPTY }: MapSessionOptions,
): Observable<SessionMapping> => {
  const mapped = (protocol: PortToMap['protocol'], port$: Observable<number>): Observable<SessionMapping> => {
    const tell = (port: number): void => {
      send({ _tag: 'SetExternalPort', protocol, port })
    }
    return port$.pipe(
      distinctUntilChanged(),
      switchMap((port) =>
        mapPorts([{ protocol, port }]).pipe(
          tap((state) => {
            if (state._tag === 'Mapped') tell(state.ports[0]?.externalPort ?? 0)
            else if (state._tag === 'Failed') tell(0)
          }),
          finalize(() => {
            tell(0)
          }),
          map((state) => ({ protocol, port, state })),
        ),
      ),
    )
  }
  const tcpPort$ = state$.pipe(
    slice('port'),
    filter(O.isSome),
    map(({ value }) => value),
  )
  const stopped$ = state$.pipe(ignoreElements(), endWith(true))
  return merge(mapped('tcp', tcpPort$), mapped('udp', udpPort$)).pipe(takeUntil(stopped$))
}
