import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { MAX_URL_LENGTH } from '../limits.js'

/** Where to ask a gateway over HTTP: an address, never a name. */
export interface GatewayUrl {
  readonly host: string
  readonly port: number
  /** With its query. */
  readonly path: string
}

/**
 * A URL that a gateway gave, perhaps relative to another one of it: none unless it is plain HTTP at that very IPv4 address.
 * So nobody is asked but who spoke to us, whatever a document says.
 */
export const gatewayUrl = (text: string, host: string, base = `http://${host}/`): Option<GatewayUrl> => {
  if (text.length > MAX_URL_LENGTH || !URL.canParse(text, base)) return O.none
  const url = new URL(text, base)
  const isHis =
    url.protocol === 'http:' && url.hostname === host && url.username === '' && url.password === ''
  const port = url.port === '' ? 80 : Number(url.port)
  return isHis && port > 0 ? O.some({ host, port, path: url.pathname + url.search }) : O.none
}

/** The same in text. */
export const showGatewayUrl = ({ host, port, path }: GatewayUrl): string =>
  `http://${host}:${String(port)}${path}`
