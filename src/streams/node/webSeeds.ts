import type { IncomingMessage } from 'node:http'
import { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { IpScope } from '../../codecs/ipAddress.js'
import { MAX_REMEMBERED_REDIRECTS, MAX_WEB_SEED_REDIRECTS } from '../../codecs/limits.js'
import { CLIENT_NAME } from '../../codecs/version.js'
import type { WebSeedClient, WebSeedError, WebSeedRead } from '../deps.js'
import { ADDRESS_REFUSED, guardedRequest, type GuardOptions, isAsWide } from './guardedRequest.js'
import { answerOf, isRedirect, redirectTarget } from './httpAnswer.js'
import { type KeptConnections, keptConnections } from './keptConnections.js'

export interface NodeWebSeedOptions extends Partial<GuardOptions> {
  /** Milliseconds until the answer begins, and between two parts of it. Default 20 000. */
  readonly receiveTimeout?: number
}

/**
 * Web seeds over HTTP and HTTPS. Connections are kept from read to read. Follows at most five redirects, over `http` and
 * `https` alone and never from a wider network into a narrower one; a URL with a query is only asked for on the
 * internet. Where redirects led is asked at once the next time.
 */
export const nodeWebSeeds = (options: NodeWebSeedOptions = {}): WebSeedClient => ({
  open: () => {
    const guard: GuardOptions = { connectTimeout: 10_000, ...options }
    const connections = keptConnections(guard)
    const moved = new Map<string, Hop>()
    return {
      read: (read) =>
        new Observable((subscriber) => {
          const abort = new AbortController()
          const reader: Reader = {
            guard,
            connections,
            moved,
            receiveTimeout: options.receiveTimeout ?? 20_000,
            signal: abort.signal,
          }
          const tell = (value: Either<WebSeedError, Uint8Array>): void => {
            subscriber.next(value)
          }
          let isOver = false
          follow(read, reader, tell).then(
            (problem) => {
              isOver = true
              if (problem !== undefined) tell(E.left(problem))
              subscriber.complete()
            },
            (bug: unknown) => {
              subscriber.error(bug)
            },
          )
          return () => {
            // A request that is done has given its connection to the next one.
            if (!isOver) abort.abort()
          }
        }),
      close: () => {
        connections.close()
        moved.clear()
      },
    }
  },
})

/** A URL, and the narrowest network that a request for it may go to. */
interface Hop {
  readonly url: URL
  readonly narrowest: IpScope
}

interface Reader {
  readonly guard: GuardOptions
  readonly connections: KeptConnections
  /** By URL, where its redirects led. */
  readonly moved: Map<string, Hop>
  readonly receiveTimeout: number
  readonly signal: AbortSignal
}

type Tell = (value: Either<WebSeedError, Uint8Array>) => void

/** Answers what went wrong, if anything did. */
const follow = async (read: WebSeedRead, reader: Reader, tell: Tell): Promise<WebSeedError | undefined> => {
  const { moved } = reader
  const door: Hop = { url: new URL(read.url), narrowest: 'loopback' }
  let remembered = moved.get(read.url)
  let hop = remembered ?? door
  for (let redirects = 0; redirects <= MAX_WEB_SEED_REDIRECTS; redirects++) {
    const answer = await ask(hop, read, reader, tell)
    if (answer._tag === 'Read') {
      if (redirects > 0 && moved.size < MAX_REMEMBERED_REDIRECTS) moved.set(read.url, hop)
      return undefined
    }
    if (answer._tag === 'Failed') {
      moved.delete(read.url)
      // Where a redirect led may be good for a while only.
      if (remembered === undefined || answer.error._tag !== 'WebSeedStatus') return answer.error
      remembered = undefined
    }
    hop = answer._tag === 'Failed' ? door : answer.hop
  }
  return { _tag: 'WebSeedRefused' }
}

type Answer =
  | { readonly _tag: 'Read' }
  /** To be asked next: where a redirect leads, or the same once more. */
  | { readonly _tag: 'Next'; readonly hop: Hop }
  | { readonly _tag: 'Failed'; readonly error: WebSeedError }

const failed = (error: WebSeedError): Answer => ({ _tag: 'Failed', error })

const ask = async (
  { url, narrowest }: Hop,
  { range, length }: WebSeedRead,
  { guard, connections, receiveTimeout, signal }: Reader,
  tell: Tell,
): Promise<Answer> => {
  const hasQuery = url.search !== ''
  const allows = (scope: IpScope): boolean => isAsWide(scope, narrowest) && (scope === 'global' || !hasQuery)
  let scope: IpScope = 'global'
  const request = guardedRequest(url, guard, {
    allows,
    onConnected: (connected) => {
      scope = connected
    },
    // Derived, since a socket leaves its listener on the signal that it is given.
    signal: AbortSignal.any([signal]),
    agent: connections.agentFor(url, `${narrowest} ${String(hasQuery)}`, allows),
    headers: {
      'user-agent': CLIENT_NAME,
      'accept-encoding': 'identity',
      ...(range === undefined
        ? {}
        : { range: `bytes=${String(range.first)}-${String(range.first + length - 1)}` }),
    },
  })
  let isAnswered = false
  let isWhole = false
  try {
    const response = await answerOf(request, receiveTimeout)
    isAnswered = true
    const { statusCode = 0, headers } = response
    if (isRedirect(statusCode) && headers.location !== undefined) {
      const next = redirectTarget(headers.location, url)
      return next === undefined
        ? failed({ _tag: 'WebSeedRefused' })
        : { _tag: 'Next', hop: { url: next, narrowest: scope } }
    }
    if (statusCode !== 200 && statusCode !== 206) return failed({ _tag: 'WebSeedStatus', status: statusCode })
    if (!isAnswerTo(response, range, length)) return failed({ _tag: 'WebSeedRangeIgnored' })
    let received = 0
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      received += chunk.length
      if (received > length) return failed({ _tag: 'WebSeedRangeIgnored' })
      tell(E.right(chunk))
    }
    isWhole = received === length
    return isWhole ? { _tag: 'Read' } : failed({ _tag: 'WebSeedUnreachable', code: 'ECONNRESET' })
  } catch (error) {
    // A kept connection may be closed by the server at the very moment at which it is used again.
    const isStale = request.reusedSocket && !isAnswered && CLOSED_CODES.includes(codeOf(error))
    return isStale && !signal.aborted
      ? { _tag: 'Next', hop: { url, narrowest } }
      : failed(toWebSeedError(codeOf(error)))
  } finally {
    // A connection whose answer was read to its end can be used again.
    if (!isWhole) request.destroy()
  }
}

/** Whether the head of the answer promises the very bytes that were asked for. */
const isAnswerTo = (
  { statusCode, headers }: IncomingMessage,
  range: WebSeedRead['range'],
  length: number,
): boolean => {
  const encoding = headers['content-encoding'] ?? 'identity'
  const declared = headers['content-length']
  if (encoding.toLowerCase() !== 'identity' || (declared !== undefined && Number(declared) !== length))
    return false
  if (range === undefined) return statusCode === 200
  // The whole file will do where the whole file was meant.
  if (statusCode === 200) return range.first === 0 && range.of === length
  const last = range.first + length - 1
  return headers['content-range']?.startsWith(`bytes ${String(range.first)}-${String(last)}/`) === true
}

const CLOSED_CODES: ReadonlyArray<string> = ['ECONNRESET', 'EPIPE']

/** The code alone: messages may repeat the URL. */
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EUNKNOWN'

const toWebSeedError = (code: string): WebSeedError => {
  if (code === 'ETIMEDOUT') return { _tag: 'WebSeedTimeout' }
  if (code === ADDRESS_REFUSED) return { _tag: 'WebSeedRefused' }
  return { _tag: 'WebSeedUnreachable', code }
}
