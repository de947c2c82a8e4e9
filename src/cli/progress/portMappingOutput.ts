import { distinctUntilChanged, groupBy, mergeMap, type Observable } from 'rxjs'
import * as O from '#fp/Option'
import {
  mapSession,
  portMapping,
  showPortMappingFailure,
  type MapSessionOptions,
  type Session,
  type SessionMapping,
} from '../../index.js'
import { say, type Output } from '../output.js'
import type { Report } from './report.js'

/**
 * Keeps the session's port mapped at the gateway while it is subscribed, and the UDP port, where there is one, and tells
 * of it: programs all, people only that it worked, for where it does not nothing may be amiss.
 */
export const portMappingOutput = (
  torrent: Pick<Session, 'state$' | 'send'>,
  udpPort$: Observable<number>,
  report: Report,
  mapPorts: MapSessionOptions['mapPorts'] = portMapping,
): Observable<Output> =>
  mapSession(torrent, { mapPorts, udpPort$ }).pipe(
    groupBy(({ protocol }) => protocol),
    mergeMap((mapping$) =>
      mapping$.pipe(
        mergeMap((mapping) => tellOf(mapping, report)),
        // A lease that was renewed is no news.
        distinctUntilChanged((a, b) => 'text' in a && 'text' in b && a.text === b.text),
      ),
    ),
  )

const tellOf = ({ protocol, port, state }: SessionMapping, report: Report): ReadonlyArray<Output> => {
  switch (state._tag) {
    case 'Searching':
      return []
    case 'Mapped': {
      const { method } = state
      const externalAddress = O.toNullable(state.externalAddress)
      return state.ports.map(({ externalPort }) => {
        const name = `${protocol === 'udp' ? 'UDP port' : 'port'} ${String(externalPort)}`
        return (
          report.event({ event: 'portMapped', protocol, port, method, externalAddress, externalPort }) ??
          say(`${name} of ${externalAddress ?? 'the gateway'} leads to us (${method})`)
        )
      })
    }
    case 'Failed': {
      const reasons = state.reasons.map(showPortMappingFailure)
      const event = report.event({ event: 'portMappingFailed', protocol, port, reasons })
      return event === undefined ? [] : [event]
    }
  }
}
