import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import { toUtf8 } from '../bytes.js'
import type { DecodeError } from '../errors.js'
import { invalidField } from '../errors.js'
import { MAX_GATEWAY_SERVICES } from '../limits.js'
import { gatewayUrl, showGatewayUrl, type GatewayUrl } from './gatewayUrl.js'
import { childText, decodeXml, elementsNamed, escapeXml } from './xml.js'

/** A service of a gateway that maps ports. */
export interface IgdService {
  readonly type: string
  /** Where it is asked. */
  readonly control: GatewayUrl
}

/** The services that map ports, the best first. */
const SERVICE_TYPES: ReadonlyArray<string> = [
  'urn:schemas-upnp-org:service:WANIPConnection:2',
  'urn:schemas-upnp-org:service:WANIPConnection:1',
  'urn:schemas-upnp-org:service:WANPPPConnection:1',
]

/**
 * The services that map ports, best first, from a gateway's description, which was read at `location`. Those that are to be
 * asked elsewhere than at the gateway itself are left out.
 */
export const decodeIgdDescription = (
  bytes: Uint8Array,
  location: GatewayUrl,
): Either<DecodeError, ReadonlyArray<IgdService>> => {
  const document = decodeXml(bytes)
  if (E.isLeft(document)) return document
  const { host } = location
  const told = O.getOrElse(() => location)(gatewayUrl(childText(document.right, 'URLBase') || '/', host))
  const base = showGatewayUrl(childText(document.right, 'URLBase') === '' ? location : told)
  const services = elementsNamed(document.right, 'service')
    .slice(0, MAX_GATEWAY_SERVICES)
    .flatMap((service): ReadonlyArray<IgdService> => {
      const type = childText(service, 'serviceType')
      const control = gatewayUrl(childText(service, 'controlURL'), host, base)
      return SERVICE_TYPES.includes(type) && O.isSome(control) ? [{ type, control: control.value }] : []
    })
  return E.right(services.toSorted((a, b) => SERVICE_TYPES.indexOf(a.type) - SERVICE_TYPES.indexOf(b.type)))
}

export type IgdArguments = Readonly<Record<string, string>>

/** A call of a gateway's service: the headers and the body of a POST. */
export interface IgdCall {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export const encodeIgdCall = (type: string, action: string, args: IgdArguments): IgdCall => ({
  headers: { 'content-type': 'text/xml; charset="utf-8"', soapaction: `"${type}#${action}"` },
  body: toUtf8(
    [
      '<?xml version="1.0"?>',
      '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"',
      ' s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">',
      `<s:Body><u:${action} xmlns:u="${escapeXml(type)}">`,
      ...Object.entries(args).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`),
      `</u:${action}></s:Body></s:Envelope>`,
    ].join(''),
  ),
})

/** What came of a call. Codes are those of UPnP: 718 conflict, 725 only permanent leases … */
export type IgdAnswer =
  | { readonly _tag: 'Done'; readonly values: ReadonlyMap<string, string> }
  | { readonly _tag: 'Fault'; readonly code: number }

export const decodeIgdAnswer = (bytes: Uint8Array, action: string): Either<DecodeError, IgdAnswer> => {
  const document = decodeXml(bytes)
  if (E.isLeft(document)) return document
  const [answer] = elementsNamed(document.right, `${action}Response`)
  if (answer !== undefined) {
    return E.right({ _tag: 'Done', values: new Map(answer.children.map(({ name, text }) => [name, text])) })
  }
  const [code] = elementsNamed(document.right, 'errorCode')
  if (code === undefined || !/^\d{1,5}$/.test(code.text))
    return E.left(invalidField('', `an answer to ${action}`))
  return E.right({ _tag: 'Fault', code: Number(code.text) })
}
