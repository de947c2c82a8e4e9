import { of } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import type { PortToMap } from '../../../src/streams/portMapping/portMappingState.js'
import {
  GATEWAY,
  gatewayLab,
  type GatewayLab,
  type HttpAnswer,
  igdDescription,
  OWN,
  soap,
  soapFault,
  ssdpAnswer,
  tags,
  watch,
} from './support/virtualGateway.js'

const tcp: PortToMap = { protocol: 'tcp', port: 6_881 }
const root = `http://${GATEWAY}:5000/root.xml`
const control = `http://${GATEWAY}:5000/ctl`

/** A gateway that speaks UPnP alone; `onAdd` answers to AddPortMapping, by its body. */
const upnpLab = (onAdd: (body: string) => HttpAnswer = () => soap('AddPortMapping')): GatewayLab => {
  const lab = gatewayLab({ gateway: () => of(O.none) })
  lab.onSearch(GATEWAY, ssdpAnswer(root))
  lab.onHttp((url, body) => {
    if (url === root) return igdDescription()
    if (body.includes('GetExternalIPAddress')) {
      return soap('GetExternalIPAddress', '<NewExternalIPAddress>203.0.113.7</NewExternalIPAddress>')
    }
    return body.includes('AddPortMapping') ? onAdd(body) : soap('DeletePortMapping')
  })
  return lab
}

describe('mapping by UPnP', () => {
  it('finds the gateway, maps, renews and takes back', () => {
    const lab = upnpLab()
    const watched = watch(lab.deps, [tcp])
    lab.clock.advanceBy(1_000)
    expect(watched.states[1]).toMatchObject({
      method: 'upnp',
      externalAddress: O.some('203.0.113.7'),
      ports: [{ externalPort: 6_881 }],
    })
    lab.clock.advanceBy(1_800_000)
    watched.stop()
    lab.clock.advanceBy(1_000)
    const add = `${control} AddPortMapping 6881 ${OWN} 3600`
    const address = `${control} GetExternalIPAddress`
    expect(lab.asked).toEqual([root, add, address, add, address, `${control} DeletePortMapping 6881`])
    expect(tags(watched)).toEqual(['Searching', 'Mapped upnp', 'Mapped upnp'])
    expect([lab.openPorts(), lab.clock.pending()]).toEqual([0, 0])
  })

  it('takes another port where that one is somebody else’s, and gives back only its own', () => {
    const lab = upnpLab((body) =>
      body.includes('<NewExternalPort>6881<') ? soapFault(718) : soap('AddPortMapping'),
    )
    const watched = watch(lab.deps, [tcp])
    lab.clock.advanceBy(1_000)
    const [state] = watched.states.slice(-1)
    const port = state?._tag === 'Mapped' ? state.ports[0]?.externalPort : undefined
    expect(port).toBeGreaterThanOrEqual(49_152)
    watched.stop()
    lab.clock.advanceBy(1_000)
    expect(lab.asked.filter((line) => line.includes('Delete'))).toEqual([
      `${control} DeletePortMapping ${String(port)}`,
    ])
  })

  it('gives up after three other ports', () => {
    const lab = upnpLab(() => soapFault(718))
    const watched = watch(lab.deps, [tcp])
    lab.clock.advanceBy(10_000)
    expect(lab.asked.filter((line) => line.includes('Add'))).toHaveLength(4)
    expect(watched.states.at(-1)).toMatchObject({
      reasons: [{}, {}, { method: 'upnp', _tag: 'Refused', code: 718 }],
    })
    watched.stop()
    lab.clock.advanceBy(1_000)
    expect(lab.asked.filter((line) => line.includes('Delete'))).toEqual([])
  })

  it('takes a lease for good where there are no others', () => {
    const lab = upnpLab((body) =>
      body.includes('<NewLeaseDuration>0<') ? soap('AddPortMapping') : soapFault(725),
    )
    const watched = watch(lab.deps, [tcp])
    lab.clock.advanceBy(1_000)
    expect(watched.states[1]).toMatchObject({ ports: [{ expiresAt: Infinity }] })
    watched.stop()
    lab.clock.advanceBy(1_000)
    expect(lab.asked.at(-1)).toBe(`${control} DeletePortMapping 6881`)
  })

  it.each([
    ['another host', `http://192.168.1.9:5000/root.xml`],
    ['this machine', 'http://127.0.0.1:5000/root.xml'],
    ['a name', 'http://router.test/root.xml'],
    ['HTTPS', `https://${GATEWAY}/root.xml`],
    ['a file', 'file:///etc/passwd'],
  ])('asks nobody where a description is said to be at %s', (_, location) => {
    const lab = gatewayLab()
    lab.onSearch(GATEWAY, ssdpAnswer(location))
    const watched = watch(lab.deps, [tcp])
    lab.clock.advanceBy(30_000)
    expect(lab.asked).toEqual([])
    watched.stop()
  })

  it('asks nobody on the internet, whatever answers from there', () => {
    const lab = gatewayLab()
    lab.onSearch('8.8.4.4', ssdpAnswer('http://8.8.4.4:5000/root.xml'))
    const watched = watch(lab.deps, [tcp])
    lab.clock.advanceBy(12_000)
    expect(lab.asked).toEqual([])
    watched.stop()
  })

  it('asks nothing of a service that would be elsewhere, and follows no redirect', () => {
    const lab = upnpLab()
    const answers: ReadonlyArray<HttpAnswer> = [
      igdDescription('http://127.0.0.1/ctl'),
      { status: 302, body: igdDescription() },
      '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
      'x'.repeat(300_000),
      { code: 'ECONNREFUSED' },
    ]
    let asked = 0
    lab.onHttp(() => answers[asked++ % answers.length]!)
    const watched = watch(lab.deps, [tcp])
    lab.clock.advanceBy(1_000_000)
    expect(asked).toBeGreaterThan(answers.length)
    expect(new Set(lab.asked)).toEqual(new Set([root]))
    expect(tags(watched)).not.toContain('Mapped upnp')
    watched.stop()
  })

  it('looks into eight answers at most', () => {
    const lab = gatewayLab()
    for (let i = 0; i < 50; i++) {
      const host = `192.168.1.${String(100 + i)}`
      lab.onSearch(host, ssdpAnswer(`http://${host}/root.xml`))
    }
    const watched = watch(lab.deps, [tcp])
    lab.clock.advanceBy(12_000)
    expect(lab.asked).toHaveLength(8)
    watched.stop()
  })

  it('finds the one that maps ports behind others that do not', () => {
    const lab = upnpLab()
    const television = '192.168.1.50'
    lab.onSearch(television, ssdpAnswer(`http://${television}/`))
    const watched = watch(lab.deps, [tcp])
    lab.clock.advanceBy(1_000)
    expect(tags(watched)).toEqual(['Searching', 'Mapped upnp'])
    watched.stop()
  })
})
