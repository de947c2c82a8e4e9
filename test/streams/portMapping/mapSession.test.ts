import { BehaviorSubject, type Observable, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import type { SessionEvent } from '../../../src/operators/session/event.js'
import { mapPorts } from '../../../src/streams/portMapping/mapPorts.js'
import { mapSession, type SessionMapping } from '../../../src/streams/portMapping/mapSession.js'
import type { PortMappingState } from '../../../src/streams/portMapping/portMappingState.js'
import { createSession, type Session } from '../../../src/streams/session.js'
import { createVirtualWorld, type VirtualWorld } from '../../../src/streams/virtual/world.js'
import { makeTorrent } from '../../support/makeTorrent.js'
import { rethrow } from '../../support/rethrow.js'
import { gatewayLab, grantPcp } from './support/virtualGateway.js'

const running = (port?: number): { readonly world: VirtualWorld; readonly session: Session } => {
  const { metainfo } = makeTorrent({ pieceLength: 16_384, files: 16_384 })
  const world = createVirtualWorld({ seed: 1 })
  const session = createSession(metainfo, world.host('20.1.1.1').deps, port === undefined ? {} : { port })
  return { world, session }
}

const portIn = (bytes: Uint8Array): string => {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return `${bytes[36] === 6 ? 'tcp' : 'udp'} ${String(view.getUint16(40))}${view.getUint32(4) === 0 ? ' back' : ''}`
}

describe('mapSession', () => {
  it('has both ports led inside, tells the session of the one outside, and takes them back', () => {
    const lab = gatewayLab()
    const asked: string[] = []
    lab.onControl((bytes) => {
      asked.push(portIn(bytes))
      return grantPcp(bytes, { externalPort: bytes[36] === 6 ? 50_000 : 50_001 })
    })
    const { world, session } = running(6_881)
    const log: SessionEvent[] = []
    const watching = session.event$.subscribe({ next: (event) => log.push(event), error: rethrow })
    const mapping = mapSession(session, {
      mapPorts: (ports) => mapPorts(lab.deps, ports),
      udpPort$: new BehaviorSubject(6_999),
    }).subscribe({ error: rethrow })
    world.clock.advanceBy(1_000)
    lab.clock.advanceBy(1_000)
    world.clock.advanceBy(1_000)
    expect(asked.toSorted()).toEqual(['tcp 6881', 'udp 6999'])
    expect(session.state()).toMatchObject({ port: O.some(6_881), externalPort: O.some(50_000) })
    mapping.unsubscribe()
    lab.clock.advanceBy(1_000)
    world.clock.advanceBy(1_000)
    expect(asked.slice(2).toSorted()).toEqual(['tcp 6881 back', 'udp 6999 back'])
    expect(session.state()).toMatchObject({ externalPort: O.none })
    const told = log.flatMap((event) =>
      event._tag === 'Command' && event.command._tag === 'SetExternalPort' ? [event.command] : [],
    )
    expect(told.map(({ protocol, port }) => `${protocol} ${String(port)}`).toSorted()).toEqual([
      'tcp 0',
      'tcp 50000',
      'udp 0',
      'udp 50001',
    ])
    watching.unsubscribe()
  })

  it('does not lose the one for the other, and forgets a port that is led inside no more', () => {
    const { world, session } = running()
    const states = { tcp: new Subject<PortMappingState>(), udp: new Subject<PortMappingState>() }
    const seen: SessionMapping[] = []
    const mapPort = ([port]: Parameters<typeof mapPorts>[1]): Observable<PortMappingState> =>
      states[port!.protocol]
    const mapping = mapSession(session, { mapPorts: mapPort, udpPort$: new BehaviorSubject(1) }).subscribe({
      next: (next) => seen.push(next),
      error: rethrow,
    })
    world.clock.advanceBy(1_000)
    const port = O.toUndefined(session.state()!.port) ?? 0
    const mapped: PortMappingState = {
      _tag: 'Mapped',
      method: 'upnp',
      externalAddress: O.none,
      ports: [{ protocol: 'tcp', port, externalPort: 50_000, expiresAt: Infinity }],
    }
    states.udp.next({ _tag: 'Failed', reasons: [] })
    states.tcp.next(mapped)
    expect(session.state()?.externalPort).toEqual(O.some(50_000))
    expect(seen.map(({ protocol, state }) => `${protocol} ${state._tag}`)).toEqual([
      'udp Failed',
      'tcp Mapped',
    ])
    states.tcp.next({ _tag: 'Searching' })
    expect(session.state()?.externalPort).toEqual(O.some(50_000))
    states.tcp.next({ _tag: 'Failed', reasons: [] })
    expect(session.state()?.externalPort).toEqual(O.none)
    mapping.unsubscribe()
  })

  it('ends with the session', () => {
    const { world, session } = running()
    const state$ = new Subject<PortMappingState>()
    let isOver = false
    mapSession(session, { mapPorts: () => state$ }).subscribe({
      complete: () => (isOver = true),
      error: rethrow,
    })
    world.clock.advanceBy(1_000)
    expect(state$.observed).toBe(true)
    session.send({ _tag: 'Stop' })
    world.clock.advanceBy(10_000)
    expect([isOver, state$.observed]).toEqual([true, false])
  })
})
