import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { fromLatin1, toLatin1 } from '../../../src/codecs/bytes.js'
import { gatewayUrl, showGatewayUrl } from '../../../src/codecs/portMapping/gatewayUrl.js'
import { decodeSsdpAnswer, encodeSsdpSearch } from '../../../src/codecs/portMapping/ssdp.js'

const gateway = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1'
const location = 'http://192.168.1.1:5000/rootDesc.xml'
const answer = (...lines: ReadonlyArray<string>): Uint8Array =>
  fromLatin1(['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n'))

describe('encodeSsdpSearch', () => {
  it('asks for gateways', () => {
    expect(toLatin1(encodeSsdpSearch())).toBe(
      'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 2\r\n' +
        `ST: ${gateway}\r\n\r\n`,
    )
  })
})

describe('decodeSsdpAnswer', () => {
  it('reads where the description is', () => {
    expect(decodeSsdpAnswer(answer('ST: ' + gateway, 'EXT:', `Location: ${location}`))).toEqual(
      E.right(location),
    )
    expect(decodeSsdpAnswer(answer(`LOCATION:${location}`, `st:${gateway.replace(/1$/, '2')}`))).toEqual(
      E.right(location),
    )
  })

  it.each([
    ['nothing', new Uint8Array(0)],
    ['a search', encodeSsdpSearch()],
    ['a failure', fromLatin1(`HTTP/1.1 404 No\r\nST: ${gateway}\r\nLOCATION: ${location}\r\n\r\n`)],
    ['a television', answer('ST: urn:schemas-upnp-org:device:MediaRenderer:1', `LOCATION: ${location}`)],
    ['no target', answer(`LOCATION: ${location}`)],
    ['no location', answer(`ST: ${gateway}`)],
    ['two locations', answer(`ST: ${gateway}`, `LOCATION: ${location}`, `LOCATION: ${location}`)],
    ['too much', answer(`ST: ${gateway}`, `LOCATION: ${location}`, `X: ${'x'.repeat(2_048)}`)],
  ])('refuses %s', (_, bytes) => {
    expect(E.isLeft(decodeSsdpAnswer(bytes))).toBe(true)
  })

  test.prop([fc.uint8Array({ maxLength: 300 })])('never throws', (bytes) => {
    expect(E.isLeft(decodeSsdpAnswer(bytes))).toBe(true)
  })
})

describe('gatewayUrl', () => {
  const host = '192.168.1.1'

  it('takes addresses of the gateway itself, relative ones too', () => {
    const read = (text: string, base?: string): string | undefined =>
      O.toUndefined(O.map(showGatewayUrl)(gatewayUrl(text, host, base)))
    expect(read(location)).toBe(location)
    expect(read('http://192.168.1.1/a?b=c#d')).toBe('http://192.168.1.1:80/a?b=c')
    expect(read('/ctl/IPConn', location)).toBe('http://192.168.1.1:5000/ctl/IPConn')
    expect(read('ctl', 'http://192.168.1.1:5000/a/b.xml')).toBe('http://192.168.1.1:5000/a/ctl')
  })

  it.each([
    'http://192.168.1.2/',
    'http://127.0.0.1:5000/',
    'http://localhost/',
    'http://router.example/',
    'http://192.168.1.1.example/',
    'http://192.168.1.1@10.0.0.1/',
    'http://user:password@192.168.1.1/',
    'https://192.168.1.1/',
    'ftp://192.168.1.1/',
    'file:///etc/passwd',
    '//10.0.0.1/ctl',
    'http://[::1]/',
    'http://192.168.1.1:0/',
    'http://192.168.1.1:70000/',
    `http://192.168.1.1/${'x'.repeat(5_000)}`,
  ])('has nothing to do with %s', (text) => {
    expect(gatewayUrl(text, host)).toEqual(O.none)
  })

  test.prop([fc.webUrl(), fc.ipV4()])('never leads elsewhere', (text, own) => {
    const url = gatewayUrl(text, own)
    expect(O.isNone(url) || url.value.host === own).toBe(true)
  })
})
