import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { fromUtf8, toUtf8 } from '../../../src/codecs/bytes.js'
import { decodeIgdAnswer, decodeIgdDescription, encodeIgdCall } from '../../../src/codecs/portMapping/igd.js'
import { childText, decodeXml, elementsNamed } from '../../../src/codecs/portMapping/xml.js'

const location = { host: '192.168.1.1', port: 5_000, path: '/desc/root.xml' }
const wan = (service: string): string => `urn:schemas-upnp-org:service:${service}`
const service = (type: string, control: string): string =>
  `<service><serviceType>${type}</serviceType><controlURL>${control}</controlURL></service>`
const description = (services: string, base = ''): Uint8Array =>
  toUtf8(
    `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0">${base}<device>` +
      `<deviceList><device><serviceList>${services}</serviceList></device></deviceList></device></root>`,
  )

const controls = (bytes: Uint8Array): unknown => {
  const services = decodeIgdDescription(bytes, location)
  return E.isLeft(services)
    ? services.left._tag
    : services.right.map(({ type, control }) => [type.replace(/^.*service:/, ''), control.port, control.path])
}

describe('decodeIgdDescription', () => {
  it('finds the services that map ports, best first', () => {
    expect(
      controls(
        description(
          service(wan('WANPPPConnection:1'), '/ppp') +
            service(wan('WANCommonInterfaceConfig:1'), '/common') +
            service(wan('WANIPConnection:1'), 'ip') +
            service(wan('WANIPConnection:2'), 'http://192.168.1.1:80/ip2'),
        ),
      ),
    ).toEqual([
      ['WANIPConnection:2', 80, '/ip2'],
      ['WANIPConnection:1', 5_000, '/desc/ip'],
      ['WANPPPConnection:1', 5_000, '/ppp'],
    ])
  })

  it('goes by the base that is told, if it is the gateway’s own', () => {
    const services = service(wan('WANIPConnection:1'), 'ip')
    expect(controls(description(services, '<URLBase>http://192.168.1.1:49152/x/</URLBase>'))).toEqual([
      ['WANIPConnection:1', 49_152, '/x/ip'],
    ])
    expect(controls(description(services, '<URLBase>http://10.0.0.1:80/x/</URLBase>'))).toEqual([
      ['WANIPConnection:1', 5_000, '/desc/ip'],
    ])
  })

  it('leaves out what would be asked elsewhere', () => {
    const places = ['http://127.0.0.1/ip', '//10.0.0.1/ip', 'https://192.168.1.1/ip', 'file:///ip']
    const services = places.map((place) => service(wan('WANIPConnection:1'), place)).join('')
    expect(controls(description(services))).toEqual([])
  })

  it('reads sixty-four services of them', () => {
    const services = service(wan('WANIPConnection:1'), '/ip').repeat(1_000)
    expect(controls(description(services))).toHaveLength(64)
  })

  it('refuses what is no XML', () => {
    expect(controls(toUtf8('<html><br></html>'))).toBe('InvalidField')
  })
})

describe('encodeIgdCall', () => {
  test.prop([fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.trim())])(
    'keeps arguments as they are',
    (value) => {
      const { headers, body } = encodeIgdCall(wan('WANIPConnection:1'), 'AddPortMapping', { NewX: value })
      expect(headers['soapaction']).toBe('"urn:schemas-upnp-org:service:WANIPConnection:1#AddPortMapping"')
      const document = decodeXml(body)
      const [call] = E.isRight(document) ? elementsNamed(document.right, 'AddPortMapping') : []
      expect(call && childText(call, 'NewX')).toBe(fromUtf8(toUtf8(value)).trim())
    },
  )
})

const envelope = (body: string): Uint8Array =>
  toUtf8(
    `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`,
  )

describe('decodeIgdAnswer', () => {
  it('reads values', () => {
    const bytes = envelope(
      '<u:GetExternalIPAddressResponse><NewExternalIPAddress>203.0.113.7</NewExternalIPAddress></u:GetExternalIPAddressResponse>',
    )
    expect(decodeIgdAnswer(bytes, 'GetExternalIPAddress')).toEqual(
      E.right({ _tag: 'Done', values: new Map([['NewExternalIPAddress', '203.0.113.7']]) }),
    )
    expect(E.isLeft(decodeIgdAnswer(bytes, 'AddPortMapping'))).toBe(true)
  })

  it('reads faults', () => {
    const bytes = envelope(
      '<s:Fault><faultcode>s:Client</faultcode><detail><UPnPError><errorCode>718</errorCode></UPnPError></detail></s:Fault>',
    )
    expect(decodeIgdAnswer(bytes, 'AddPortMapping')).toEqual(E.right({ _tag: 'Fault', code: 718 }))
    const odd = envelope('<s:Fault><errorCode>-1</errorCode></s:Fault>')
    expect(E.isLeft(decodeIgdAnswer(odd, 'AddPortMapping'))).toBe(true)
  })
})
