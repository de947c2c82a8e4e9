import { request } from 'node:http'
import { Observable } from 'rxjs'
import * as E from '#fp/Either'
import { MAX_GATEWAY_DOCUMENT_BYTES } from '../../../codecs/limits.js'
import type { GatewayHttp, GatewayHttpAnswer } from '../../portMapping/portMappingDeps.js'
import { socketError } from '../socketError.js'

const TIMEOUT_MS = 3_000
const MAX_HEADER_BYTES = 16 * 1024

/** HTTP over a connection of its own to an address that is taken as it is: redirects are answers like any other. */
export const gatewayHttp: GatewayHttp = ({ host, port, path }, call) =>
  new Observable((subscriber) => {
    const answer = (value: E.Either<string, GatewayHttpAnswer>): void => {
      subscriber.next(value)
      subscriber.complete()
    }
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const asked = request({
      host,
      port,
      path,
      method: call === undefined ? 'GET' : 'POST',
      headers: {
        connection: 'close',
        ...call?.headers,
        ...(call === undefined ? {} : { 'content-length': String(call.body.length) }),
      },
      agent: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      signal,
      // An address needs none.
      lookup: (hostname, _, callback) => {
        callback(null, hostname, 4)
      },
    })
    asked.on('error', (error) => {
      answer(E.left(signal.aborted ? 'ETIMEDOUT' : socketError(error).code))
    })
    asked.on('response', (response) => {
      const chunks: Buffer[] = []
      let length = 0
      response.on('data', (chunk: Buffer) => {
        length += chunk.length
        chunks.push(chunk)
        if (length > MAX_GATEWAY_DOCUMENT_BYTES) {
          answer(E.left('EMSGSIZE'))
          asked.destroy()
        }
      })
      response.on('end', () => {
        answer(E.right({ status: response.statusCode ?? 0, body: new Uint8Array(Buffer.concat(chunks)) }))
      })
      response.on('error', (error) => {
        answer(E.left(signal.aborted ? 'ETIMEDOUT' : socketError(error).code))
      })
    })
    asked.end(call?.body)
    return () => {
      asked.destroy()
    }
  })
