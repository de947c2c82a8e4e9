import { gunzip } from 'node:zlib'
import type { IncomingMessage } from 'node:http'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { invalidField } from '../../codecs/errors.js'
import type { IpScope } from '../../codecs/ipAddress.js'
import { MAX_TRACKER_REDIRECTS, MAX_TRACKER_RESPONSE_BYTES } from '../../codecs/limits.js'
import type { TrackerError } from '../../codecs/trackerError.js'
import { isAnnouncePath, isSameOrigin } from '../../codecs/trackerUrl.js'
import { CLIENT_NAME } from '../../codecs/version.js'
import { ADDRESS_REFUSED, guardedRequest, isAsWide } from './guardedRequest.js'
import type { GuardOptions } from './guardedRequest.js'
import { answerOf, isRedirect, redirectTarget } from './httpAnswer.js'

export interface HttpGetOptions extends GuardOptions {
  /** Milliseconds until the answer begins, and between two parts of it. */
  readonly receiveTimeout: number
  /** What may be asked for on this machine; announces unless given. */
  readonly isLocalPath?: (path: string) => boolean
}

export interface HttpAnswer {
  readonly status: number
  readonly body: Uint8Array
}

/** What `signal` is aborted with when the time is up. */
export const TIME_IS_UP = 'time is up'

/**
 * One GET over a connection of its own, which is closed when the answer is there. Follows at most five redirects, over
 * `http` and `https` alone, and never from a wider network into a narrower one. On this machine only paths that begin
 * with `/announce` are asked for, unless others are given. At most 1 MiB is read, before and after decompression.
 *
 * Userinfo in the URL goes out as Basic credentials, to its own origin only.
 */
export const httpGet = async (
  first: URL,
  options: HttpGetOptions,
  signal: AbortSignal,
): Promise<Either<TrackerError, HttpAnswer>> => {
  let url = first
  let narrowest: IpScope = 'loopback'
  for (let redirects = 0; redirects <= MAX_TRACKER_REDIRECTS; redirects++) {
    const authorization = isSameOrigin(url, first) ? basicCredentials(first) : undefined
    // Derived, since a socket leaves its listener on the signal that it is given.
    const hop = await getOnce({ url, narrowest, authorization }, options, AbortSignal.any([signal]))
    if (E.isLeft(hop)) {
      const isRefused = hop.left._tag === 'TrackerAddressRefused' && redirects > 0
      return isRefused ? REDIRECT_REFUSED : hop
    }
    if (hop.right.location === undefined) return hop
    const next = redirectTarget(hop.right.location, url)
    if (next === undefined) return REDIRECT_REFUSED
    url = next
    narrowest = hop.right.scope
  }
  return REDIRECT_REFUSED
}

const REDIRECT_REFUSED = E.left<TrackerError>({ _tag: 'TrackerRedirectRefused' })

const basicCredentials = ({ username, password }: URL): string | undefined =>
  username === '' && password === ''
    ? undefined
    : `Basic ${Buffer.from(`${percentDecode(username)}:${percentDecode(password)}`).toString('base64')}`

const percentDecode = (text: string): string =>
  E.getOrElse(() => text)(E.tryCatch(() => decodeURIComponent(text), String))

interface Hop {
  readonly url: URL
  /** The narrowest network that this request may go to. */
  readonly narrowest: IpScope
  readonly authorization: string | undefined
}

interface HopAnswer extends HttpAnswer {
  /** Where a redirect leads. */
  readonly location: string | undefined
  readonly scope: IpScope
}

const getOnce = async (
  { url, narrowest, authorization }: Hop,
  options: HttpGetOptions,
  signal: AbortSignal,
): Promise<Either<TrackerError, HopAnswer>> => {
  const { isLocalPath = isAnnouncePath } = options
  let scope: IpScope = 'global'
  const request = guardedRequest(url, options, {
    allows: (candidate) =>
      isAsWide(candidate, narrowest) && (candidate !== 'loopback' || isLocalPath(url.pathname)),
    onConnected: (connected) => {
      scope = connected
    },
    signal,
    headers: {
      'user-agent': CLIENT_NAME,
      'accept-encoding': 'gzip',
      ...(authorization === undefined ? {} : { authorization }),
    },
  })
  try {
    const response = await answerOf(request, options.receiveTimeout)
    const { statusCode: status = 0, headers } = response
    const location = isRedirect(status) ? headers.location : undefined
    if (location !== undefined) return E.right({ status, location, scope, body: new Uint8Array(0) })
    const raw = await readBody(response)
    // A request that is torn away ends its answer as if it were whole.
    if (E.isRight(raw) && (signal.aborted || !response.complete)) throw failure('ECONNRESET')
    const body = E.isRight(raw) ? await decompress(raw.right, headers['content-encoding']) : raw
    return E.isLeft(body) ? body : E.right({ status, location: undefined, scope, body: body.right })
  } catch (error) {
    return E.left(signal.reason === TIME_IS_UP ? { _tag: 'TrackerTimeout' } : toTrackerError(error))
  } finally {
    request.destroy()
  }
}

const failure = (code: string): Error => Object.assign(new Error(code), { code })

const TOO_LARGE = E.left<TrackerError>({
  _tag: 'TrackerResponseTooLarge',
  allowed: MAX_TRACKER_RESPONSE_BYTES,
})

const readBody = async (body: IncomingMessage): Promise<Either<TrackerError, Uint8Array>> => {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > MAX_TRACKER_RESPONSE_BYTES) return TOO_LARGE
    chunks.push(chunk)
  }
  return E.right(Buffer.concat(chunks, length))
}

const decompress = (
  body: Uint8Array,
  encoding: string | string[] | undefined,
): Promise<Either<TrackerError, Uint8Array>> => {
  const name = String(encoding ?? 'identity').toLowerCase()
  if (name === 'identity') return Promise.resolve(E.right(body))
  if (name !== 'gzip' && name !== 'x-gzip') return Promise.resolve(badHttp('content-encoding', 'gzip'))
  return new Promise((resolve) => {
    gunzip(body, { maxOutputLength: MAX_TRACKER_RESPONSE_BYTES }, (error, decoded) => {
      if (error === null) resolve(E.right(decoded))
      else resolve(codeOf(error) === 'ERR_BUFFER_TOO_LARGE' ? TOO_LARGE : badHttp('content-encoding', 'gzip'))
    })
  })
}

const badHttp = (path: string, expected: string): Either<TrackerError, never> =>
  E.left({ _tag: 'InvalidTrackerResponse', error: invalidField(path, expected) })

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EUNKNOWN'

/** By the code alone: messages may repeat the URL. */
const toTrackerError = (error: unknown): TrackerError => {
  const code = codeOf(error)
  switch (code) {
    case 'ETIMEDOUT':
      return { _tag: 'TrackerTimeout' }
    case ADDRESS_REFUSED:
      return { _tag: 'TrackerAddressRefused' }
    default:
      return code.startsWith('HPE_')
        ? { _tag: 'InvalidTrackerResponse', error: invalidField('', 'an HTTP/1.1 response') }
        : { _tag: 'TrackerUnreachable', code }
  }
}
