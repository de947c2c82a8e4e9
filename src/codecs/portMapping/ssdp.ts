import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { fromLatin1 } from '../bytes.js'
import type { DecodeError } from '../errors.js'
import { invalidField } from '../errors.js'
import { decodeHeaderLines, headerValues } from '../headerLines.js'
import { MAX_SSDP_BYTES } from '../limits.js'

/** Where UPnP devices are looked for. */
export const SSDP = { host: '239.255.255.250', port: 1_900 } as const

const GATEWAY = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1'

/** Asks for gateways, which answer to where it came from within two seconds. Those of version 2 answer too. */
export const encodeSsdpSearch = (): Uint8Array =>
  fromLatin1(
    [
      'M-SEARCH * HTTP/1.1',
      `HOST: ${SSDP.host}:${String(SSDP.port)}`,
      'MAN: "ssdp:discover"',
      'MX: 2',
      `ST: ${GATEWAY}`,
      '',
      '',
    ].join('\r\n'),
  )

/** Where the description of a gateway is, from its answer to a search. Whose address that may be is for the caller. */
export const decodeSsdpAnswer = (bytes: Uint8Array): Either<DecodeError, string> => {
  const lines = decodeHeaderLines(bytes, MAX_SSDP_BYTES)
  if (E.isLeft(lines)) return lines
  if (!/^HTTP\/1\.\d 200(?: |$)/.test(lines.right.startLine))
    return E.left(invalidField('', 'HTTP/1.1 200 OK'))
  if (!headerValues(lines.right, 'st').some((target) => GATEWAYS.test(target))) {
    return E.left(invalidField('ST', 'an InternetGatewayDevice'))
  }
  const [location, ...others] = headerValues(lines.right, 'location')
  if (location === undefined || others.length > 0) return E.left(invalidField('LOCATION', 'one URL'))
  return E.right(location)
}

const GATEWAYS = /^urn:schemas-upnp-org:device:InternetGatewayDevice:[12]$/
