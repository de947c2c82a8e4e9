import { distinctUntilChanged, filter, map, mergeMap, type Observable, switchMap } from 'rxjs'
import * as O from '#fp/Option'
import {
  portMapping,
  showPortMappingFailure,
  slice,
  type PortMappingState,
  type Session,
} from '../../index.js'
import { say, type Output } from '../output.js'
import type { Report } from './report.js'

/**
 * Keeps the session's port mapped at the gateway while it is subscribed, and tells of it: programs all, people only that
 * it worked, for where it does not nothing may be amiss.
 */
export const portMappingOutput = (
  { state$ }: Pick<Session, 'state$'>,
  report: Report,
  mapPort = portMapping,
): Observable<Output> =>
  state$.pipe(
    slice('port'),
    filter(O.isSome),
    map(({ value }) => value),
    distinctUntilChanged(),
    switchMap((port) => mapPort([{ protocol: 'tcp', port }])),
    mergeMap((state) => tellOf(state, report)),
    // A lease that was renewed is no news.
    distinctUntilChanged((a, b) => 'text' in a && 'text' in b && a.text === b.text),
  )

const tellOf = (state: PortMappingState, report: Report): ReadonlyArray<Output> => {
  switch (state._tag) {
    case 'Searching':
      return []
    case 'Mapped': {
      const { method } = state
      const address = O.toNullable(state.externalAddress)
      return state.ports.map(
        ({ port, externalPort }) =>
          report.event({ event: 'portMapped', port, method, externalAddress: address, externalPort }) ??
          say(`port ${String(externalPort)} of ${address ?? 'the gateway'} leads to us (${method})`),
      )
    }
    case 'Failed': {
      const event = report.event({
        event: 'portMappingFailed',
        reasons: state.reasons.map(showPortMappingFailure),
      })
      return event === undefined ? [] : [event]
    }
  }
}
