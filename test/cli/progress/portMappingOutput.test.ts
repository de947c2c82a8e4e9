import { firstValueFrom, from, NEVER, of, Subject, toArray } from 'rxjs'
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

const mapped = (expiresAt: number): PortMappingState => ({
  _tag: 'Mapped',
  method: 'pcp',
  externalAddress: O.some('203.0.113.7'),
  ports: [{ protocol: 'tcp', port: 6_881, externalPort: 50_000, expiresAt }],
})
const states: ReadonlyArray<PortMappingState> = [
  { _tag: 'Searching' },
  { _tag: 'Failed', reasons: [{ method: 'upnp', _tag: 'NoAnswer' }] },
  { _tag: 'Searching' },
  mapped(1),
  mapped(2),
]

const told = (isJson: boolean): Promise<ReadonlyArray<Output>> =>
  firstValueFrom(
    portMappingOutput({ state$: of(sessionState({ port: O.some(6_881) })) }, report(isJson), () =>
      from(states),
    ).pipe(toArray()),
  )

it('tells people that it worked, once', async () => {
  expect(await told(false)).toEqual([{ _tag: 'Say', text: 'port 50000 of 203.0.113.7 leads to us (pcp)' }])
})

it('tells programs of failures too', async () => {
  expect(await told(true)).toEqual([
    data('{"event":"portMappingFailed","reasons":["UPnP: no answer"]}'),
    data(
      '{"event":"portMapped","port":6881,"method":"pcp","externalAddress":"203.0.113.7","externalPort":50000}',
    ),
  ])
})

it('maps the port that the session listens on, and another one when it changes', () => {
  const state$ = new Subject<ReturnType<typeof sessionState>>()
  const log: string[] = []
  const mapPort = (ports: ReadonlyArray<PortToMap>): typeof NEVER => {
    log.push(ports.map(({ protocol, port }) => `${protocol} ${String(port)}`).join())
    return NEVER
  }
  const output$ = portMappingOutput({ state$ }, report(false), mapPort)
  const subscription = output$.subscribe({ error: rethrow })
  for (const port of [O.none, O.some(1), O.some(1), O.some(2)]) state$.next(sessionState({ port }))
  subscription.unsubscribe()
  expect(log).toEqual(['tcp 1', 'tcp 2'])
})
