import { of } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { mapPorts } from '../../../src/streams/portMapping/mapPorts.js'
import type { PortToMap } from '../../../src/streams/portMapping/portMappingState.js'
import { gatewayLab, grantNatPmp, grantPcp, tags, watch } from './support/virtualGateway.js'

const tcp: PortToMap = { protocol: 'tcp', port: 6_881 }
const udp: PortToMap = { protocol: 'udp', port: 6_881 }
const HOUR = 3_600_000

const lifetimeIn = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes[0] === 2 ? 4 : 8)

describe('mapPorts', () => {
  it('maps all ports by PCP, renews them at half of the lease, and takes them back', () => {
    const lab = gatewayLab()
    const asked: string[] = []
    lab.onControl((bytes) => {
      asked.push(
        `${String(Math.round(lab.clock.now() / 60_000))} min ${String(bytes[36])} ${String(lifetimeIn(bytes))}`,
      )
      return grantPcp(bytes)
    })
    const watched = watch(lab.deps, [tcp, udp])
    lab.clock.advanceBy(1_000)
    expect(watched.states).toEqual([
      { _tag: 'Searching' },
      {
        _tag: 'Mapped',
        method: 'pcp',
        externalAddress: O.some('203.0.113.7'),
        ports: [tcp, udp].map((port) => ({
          ...port,
          externalPort: 6_881,
          expiresAt: expect.closeTo(HOUR, -2) as number,
        })),
      },
    ])
    lab.clock.advanceBy(HOUR)
    expect(asked).toEqual([
      '0 min 6 3600',
      '0 min 17 3600',
      '30 min 6 3600',
      '30 min 17 3600',
      '60 min 6 3600',
      '60 min 17 3600',
    ])
    asked.length = 0
    watched.stop()
    lab.clock.advanceBy(900)
    expect(asked).toEqual(['60 min 6 0', '60 min 17 0'])
    expect([lab.openPorts(), lab.clock.pending()]).toEqual([0, 0])
  })

  it('keeps the port that it was given, and keeps to short leases', () => {
    const lab = gatewayLab()
    const wanted: number[] = []
    lab.onControl((bytes) => {
      wanted.push(new DataView(bytes.buffer).getUint16(42))
      return grantPcp(bytes, { externalPort: 50_000, lifetime: 120 })
    })
    const watched = watch(lab.deps, [tcp])
    lab.clock.advanceBy(150_000)
    expect(wanted).toEqual([6_881, 50_000, 50_000])
    expect(watched.states.at(-1)).toMatchObject({ ports: [{ port: 6_881, externalPort: 50_000 }] })
    watched.stop()
    lab.clock.advanceBy(2_000)
    expect(lab.clock.pending()).toBe(0)
  })

  it('goes on to NAT-PMP at once where the gateway knows no PCP', () => {
    const lab = gatewayLab()
    const left: number[] = []
    lab.onControl((bytes) => {
      if (bytes[0] === 2) return Uint8Array.of(0, 0x81, 0, 1, 0, 0, 0, 9)
      if (bytes[1] !== 0 && lifetimeIn(bytes) === 0) left.push(bytes[1]!)
      return grantNatPmp(bytes)
    })
    const watched = watch(lab.deps, [tcp, udp])
    lab.clock.advanceBy(100)
    expect(tags(watched)).toEqual(['Searching', 'Mapped nat-pmp'])
    expect(watched.states[1]).toMatchObject({ externalAddress: O.some('203.0.113.7') })
    watched.stop()
    lab.clock.advanceBy(1_000)
    expect(left.toSorted()).toEqual([1, 2])
  })

  it('gives back what was granted where not all was', () => {
    const lab = gatewayLab()
    const held = new Set<number>()
    lab.onControl((bytes) => {
      const protocol = bytes[36]!
      if (bytes[0] !== 2) return Uint8Array.of(0, 128 + bytes[1]!, 0, 2, 0, 0, 0, 0)
      if (protocol === 17) return grantPcp(bytes).fill(8, 3, 4)
      if (lifetimeIn(bytes) === 0) held.delete(protocol)
      else held.add(protocol)
      return grantPcp(bytes)
    })
    const watched = watch(lab.deps, [tcp, udp])
    lab.clock.advanceBy(10_000)
    expect(held).toEqual(new Set())
    expect(watched.states.at(-1)).toEqual({
      _tag: 'Failed',
      reasons: [
        { method: 'pcp', _tag: 'Refused', code: 8 },
        { method: 'nat-pmp', _tag: 'Refused', code: 2 },
        { method: 'upnp', _tag: 'NoAnswer' },
      ],
    })
    watched.stop()
    lab.clock.advanceBy(2_000)
    expect([lab.openPorts(), lab.clock.pending()]).toEqual([0, 0])
  })

  it('says in ten seconds that nobody is there, and asks again, ever more seldom', () => {
    const lab = gatewayLab({ gateway: () => of(O.none) })
    const watched = watch(lab.deps, [tcp])
    lab.clock.advanceBy(10_000)
    expect(watched.states).toEqual([
      { _tag: 'Searching' },
      {
        _tag: 'Failed',
        reasons: [
          { method: 'pcp', _tag: 'NoGateway' },
          { method: 'nat-pmp', _tag: 'NoGateway' },
          { method: 'upnp', _tag: 'NoAnswer' },
        ],
      },
    ])
    lab.clock.advanceBy(24 * HOUR)
    const searches = tags(watched).filter((tag) => tag === 'Searching').length
    expect(searches).toBeGreaterThan(20)
    expect(searches).toBeLessThan(40)
    watched.stop()
    expect([lab.openPorts(), lab.clock.pending()]).toEqual([0, 0])
  })

  it('looks anew where a renewal fails', () => {
    const lab = gatewayLab()
    let isThere = true
    lab.onControl((bytes) => (isThere && bytes[0] === 2 ? grantPcp(bytes) : undefined))
    const watched = watch(lab.deps, [tcp])
    lab.clock.advanceBy(1_000)
    isThere = false
    lab.clock.advanceBy(HOUR / 2 + 15_000)
    expect(tags(watched)).toEqual(['Searching', 'Mapped pcp', 'Searching', 'Failed'])
    isThere = true
    lab.clock.advanceBy(30_000)
    expect(tags(watched).at(-1)).toBe('Mapped pcp')
    watched.stop()
  })

  it('takes back what is granted after it was left, and waits a second at most', () => {
    const late = gatewayLab()
    const lifetimes: number[] = []
    late.onControl((bytes) => {
      lifetimes.push(lifetimeIn(bytes))
      return grantPcp(bytes)
    })
    const watched = watch(late.deps, [tcp])
    late.clock.advanceBy(1)
    watched.stop()
    late.clock.advanceBy(500)
    expect(lifetimes).toEqual([3_600, 0])
    expect([late.openPorts(), late.clock.pending()]).toEqual([0, 0])

    const silent = gatewayLab()
    let isSilent = false
    silent.onControl((bytes) => (isSilent ? undefined : grantPcp(bytes)))
    const other = watch(silent.deps, [tcp])
    silent.clock.advanceBy(1_000)
    isSilent = true
    other.stop()
    silent.clock.advanceBy(999)
    expect(silent.openPorts()).toBe(1)
    silent.clock.advanceBy(1)
    expect([silent.openPorts(), silent.clock.pending()]).toEqual([0, 0])
  })

  it('listens to nobody but the gateway, and takes no answer that is not its own', () => {
    const lab = gatewayLab()
    let answers = 0
    lab.onControl((bytes) => {
      answers += 1
      // Another's nonce, another port, noise, a request; then silence.
      if (answers === 1) return grantPcp(bytes).fill(1, 24, 36)
      if (answers === 2) return grantPcp(bytes).fill(9, 40, 42)
      if (answers === 3) return new Uint8Array(60).fill(0x82).fill(2, 0, 1)
      return bytes[0] === 2 ? bytes : undefined
    })
    const watched = watch(lab.deps, [tcp])
    lab.clock.advanceBy(12_000)
    expect(watched.states.at(-1)).toMatchObject({
      reasons: [{ _tag: 'NoAnswer' }, { _tag: 'NoAnswer' }, { _tag: 'NoAnswer' }],
    })
    watched.stop()
  })

  it('does not take a mapping to nothing', () => {
    const lab = gatewayLab()
    lab.onControl((bytes) => (bytes[0] === 2 ? grantPcp(bytes, { externalPort: 0 }) : grantNatPmp(bytes, 0)))
    const watched = watch(lab.deps, [tcp])
    lab.clock.advanceBy(12_000)
    expect(watched.states.at(-1)).toMatchObject({
      reasons: [{ _tag: 'BadAnswer' }, { _tag: 'BadAnswer' }, { _tag: 'NoAnswer' }],
    })
    watched.stop()
  })

  it('says what the system says about ports that it does not give', () => {
    const lab = gatewayLab({
      datagrams: { bind: () => of(E.left({ _tag: 'SocketError', code: 'EPERM' } as const)) },
    })
    const watched = watch(lab.deps, [tcp])
    lab.clock.advanceBy(12_000)
    expect(watched.states.at(-1)).toMatchObject({
      reasons: [
        { _tag: 'Unsendable', code: 'EPERM' },
        { _tag: 'Unsendable', code: 'EPERM' },
        { _tag: 'NoAnswer' },
      ],
    })
    watched.stop()
  })

  it.each([
    [[]],
    [[{ protocol: 'tcp', port: 0 }]],
    [[{ protocol: 'udp', port: 65_536 }]],
    [Array(17).fill(tcp)],
  ])('throws for %j', (ports) => {
    expect(() => mapPorts(gatewayLab().deps, ports as ReadonlyArray<PortToMap>)).toThrow(TypeError)
  })
})
