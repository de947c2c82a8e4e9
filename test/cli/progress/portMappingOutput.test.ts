import {
  concat,
  EMPTY,
  firstValueFrom,
  from,
  NEVER,
  type Observable,
  of,
  Subject,
  takeUntil,
  timer,
  toArray,
} from 'rxjs'
import { expect, it } from 'vitest'
import * as O from '#fp/Option'
import { data, type Output } from '../../../src/cli/output.js'
import { portMappingOutput } from '../../../src/cli/progress/portMappingOutput.js'
import type { Report } from '../../../src/cli/progress/report.js'
import type { PortMappingState, PortToMap } from '../../../src/index.js'
import { rethrow } from '../../support/rethrow.js'
import { sessionState } from '../support/sessionState.js'

const report = (isJson: boolean): Report => ({
  progress: () => NEVER,
  notices: () => NEVER,
  event: (event) => (isJson ? data(JSON.stringify(event)) : undefined),
})

const mapped = (ports: ReadonlyArray<PortToMap>, expiresAt: number): PortMappingState => ({
  _tag: 'Mapped',
  method: 'pcp',
  externalAddress: O.some('203.0.113.7'),
  ports: ports.map((port) => ({ ...port, externalPort: 50_000, expiresAt })),
})
const statesOf = (ports: ReadonlyArray<PortToMap>): ReadonlyArray<PortMappingState> => [
  { _tag: 'Searching' },
  { _tag: 'Failed', reasons: [{ method: 'upnp', _tag: 'NoAnswer' }] },
  { _tag: 'Searching' },
  mapped(ports, 1),
  mapped(ports, 2),
]
const send = (): void => undefined

const told = (isJson: boolean, udpPort$: Observable<number> = EMPTY): Promise<ReadonlyArray<Output>> =>
  firstValueFrom(
    portMappingOutput(
      // It stops once all has been told.
      { state$: concat(of(sessionState({ port: O.some(6_881) })), NEVER.pipe(takeUntil(timer(0)))), send },
      udpPort$,
      report(isJson),
      (ports) => from(statesOf(ports)),
    ).pipe(toArray()),
  )

it('tells people that it worked, once', async () => {
  expect(await told(false)).toEqual([{ _tag: 'Say', text: 'port 50000 of 203.0.113.7 leads to us (pcp)' }])
  expect(await told(false, of(6_882))).toEqual([
    { _tag: 'Say', text: 'port 50000 of 203.0.113.7 leads to us (pcp)' },
    { _tag: 'Say', text: 'UDP port 50000 of 203.0.113.7 leads to us (pcp)' },
  ])
})

it('tells programs of failures too', async () => {
  expect(await told(true)).toEqual([
    data('{"event":"portMappingFailed","protocol":"tcp","port":6881,"reasons":["UPnP: no answer"]}'),
    data(
      '{"event":"portMapped","protocol":"tcp","port":6881,"method":"pcp","externalAddress":"203.0.113.7","externalPort":50000}',
    ),
  ])
})

it('maps the port that the session listens on, and another one when it changes', () => {
  const state$ = new Subject<ReturnType<typeof sessionState>>()
  const udpPort$ = new Subject<number>()
  const log: string[] = []
  const mapPort = (ports: ReadonlyArray<PortToMap>): typeof NEVER => {
    log.push(ports.map(({ protocol, port }) => `${protocol} ${String(port)}`).join())
    return NEVER
  }
  const output$ = portMappingOutput({ state$, send }, udpPort$, report(false), mapPort)
  const subscription = output$.subscribe({ error: rethrow })
  for (const port of [O.none, O.some(1), O.some(1), O.some(2)]) state$.next(sessionState({ port }))
  for (const port of [3, 3, 4]) udpPort$.next(port)
  subscription.unsubscribe()
  expect(log).toEqual(['tcp 1', 'tcp 2', 'udp 3', 'udp 4'])
})
