import { NEVER, type Observable, of, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createLsd } from '../../src/streams/lsd/lsd.js'
import { mapPorts } from '../../src/streams/portMapping/mapPorts.js'
import { mapSession } from '../../src/streams/portMapping/mapSession.js'
import { createSession } from '../../src/streams/session.js'
import { createVirtualWorld } from '../../src/streams/virtual/world.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { rethrow } from '../support/rethrow.js'
import { contractsOf } from '../support/streamContracts.js'
import { gatewayLab } from './portMapping/support/virtualGateway.js'

const heard = (stream$: Observable<unknown>): { values: unknown[]; isOver: boolean; end: () => void } => {
  const seen = { values: [] as unknown[], isOver: false, end: (): void => undefined }
  const subscription = stream$.subscribe({
    next: (value) => seen.values.push(value),
    error: rethrow,
    complete: () => (seen.isOver = true),
  })
  seen.end = () => {
    subscription.unsubscribe()
  }
  return seen
}

describe("docs/streams.md, the local network's table", () => {
  const lines = contractsOf('The local network')
  const lateOf = (name: string): string => lines.find(({ stream }) => stream === name)?.late ?? ''

  it('has these lines', () => {
    expect(lines.map(({ stream }) => stream)).toEqual([
      'lsd.find',
      'lsd.alert$',
      'portMapping(ports)',
      'mapSession',
    ])
  })

  it('lsd.find opens with the first, closes with the last, and lsd.alert$ opens nothing', () => {
    const world = createVirtualWorld({ seed: 1 })
    const { datagrams, deps } = world.host('10.0.0.1')
    const lsd = createLsd({
      datagrams,
      clock: world.clock,
      random: deps.random,
      interfaces: () => [{ family: 4 as const }],
    })
    const alert = heard(lsd.alert$)
    world.clock.advanceBy(1_000)
    expect(world.datagrams.openPorts()).toBe(0)
    const finds = [1, 2].map((n) => heard(lsd.find(new Uint8Array(20).fill(n), of(6_881))))
    world.clock.advanceBy(1_000)
    expect(world.datagrams.openPorts()).toBe(1)
    for (const find of finds) find.end()
    expect(world.datagrams.openPorts()).toBe(0)
    expect([lateOf('lsd.find'), lateOf('lsd.alert$')]).toEqual(['nothing', 'nothing'])
    expect([...finds, alert].some(({ isOver, values }) => isOver || values.length > 0)).toBe(false)
    alert.end()
  })

  it('portMapping is a mapping for each who subscribes, and says within subscribe how it stands', () => {
    const lab = gatewayLab()
    const mapping$ = mapPorts(lab.deps, [{ protocol: 'tcp', port: 6_881 }])
    const all = [heard(mapping$), heard(mapping$)]
    expect(all.map(({ values }) => values)).toEqual([[{ _tag: 'Searching' }], [{ _tag: 'Searching' }]])
    lab.clock.advanceBy(60_000)
    expect(all.map(({ isOver }) => isOver)).toEqual([false, false])
    expect(lateOf('portMapping(ports)')).toBe('a mapping of its own')
    for (const one of all) one.end()
    lab.clock.advanceBy(2_000)
    expect(lab.clock.pending()).toBe(0)
  })

  it('mapSession is the same for a session, and ends with it', () => {
    const world = createVirtualWorld({ seed: 1 })
    const { metainfo } = makeTorrent({ pieceLength: 16_384, files: 16_384 })
    const session = createSession(metainfo, world.host('20.1.1.1').deps)
    const asked$ = new Subject<number>()
    const counts = heard(asked$)
    const mapping$ = mapSession(session, {
      mapPorts: ([port]) => {
        asked$.next(port!.port)
        return NEVER
      },
    })
    const all = [heard(mapping$), heard(mapping$)]
    world.clock.advanceBy(1_000)
    expect(counts.values).toHaveLength(2)
    session.send({ _tag: 'Stop' })
    world.clock.advanceBy(10_000)
    expect(all.map(({ isOver }) => isOver)).toEqual([true, true])
    expect(lateOf('mapSession')).toBe('mappings of its own')
  })
})
