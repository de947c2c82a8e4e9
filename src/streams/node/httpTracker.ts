import type { LookupFunction } from 'node:net'
import { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { AnnounceRequest, AnnounceResponse } from '../../codecs/announce.js'
import { announceUrl } from '../../codecs/announceQuery.js'
import { decodeAnnounceResponse } from '../../codecs/announceResponse.js'
import type { IpScope } from '../../codecs/ipAddress.js'
import type { TrackerError } from '../../codecs/trackerError.js'
import { parseTrackerUrl } from '../../codecs/trackerUrl.js'
import type { TrackerClient } from '../deps.js'
import { httpGet, TIME_IS_UP } from './httpGet.js'
import type { HttpAnswer } from './httpGet.js'

/** Times in milliseconds. */
export interface HttpTrackerOptions {
  /** Until the connection stands, TLS included. Default 10 000. */
  readonly connectTimeout?: number
  /** Until the answer begins, and between two parts of it. Default 10 000. */
  readonly receiveTimeout?: number
  /** For a whole announce, redirects included. Default 30 000. */
  readonly announceTimeout?: number
  /** For an announce of `stopped`, which people wait for. Default 5 000. */
  readonly stopTimeout?: number
  /** Name resolution; the system's unless given. */
  readonly lookup?: LookupFunction
  /** How far an address reaches; by the registries of special addresses unless given. */
  readonly scopeOf?: (ip: Uint8Array) => IpScope
  /** Certificates (PEM) of authorities to trust instead of the usual ones. */
  readonly ca?: string
}

/**
 * Announces over HTTP and HTTPS (BEP 3, 7, 23). Each announce has a connection of its own, gone when the observable
 * has completed or was unsubscribed. See `httpGet` for what is followed, read and refused.
 */
export const httpTracker = (options: HttpTrackerOptions = {}): TrackerClient => {
  const { announceTimeout = 30_000, stopTimeout = 5_000 } = options
  const get = { connectTimeout: 10_000, receiveTimeout: 10_000, ...options }

  const announceOnce = async (
    text: string,
    request: AnnounceRequest,
    signal: AbortSignal,
  ): Promise<Either<TrackerError, AnnounceResponse>> => {
    const tracker = parseTrackerUrl(text)
    if (E.isLeft(tracker)) return tracker
    const { scheme, url } = tracker.right
    if (scheme === 'udp') return E.left({ _tag: 'UnsupportedTracker', scheme })
    const answer = await httpGet(announceUrl(url, request), get, signal)
    return E.isLeft(answer) ? answer : readAnswer(answer.right)
  }

  return {
    announce: (url, request) =>
      new Observable((subscriber) => {
        const controller = new AbortController()
        const timer = setTimeout(
          () => {
            controller.abort(TIME_IS_UP)
          },
          request.event === 'stopped' ? stopTimeout : announceTimeout,
        )
        announceOnce(url, request, controller.signal).then(
          (result) => {
            subscriber.next(result)
            subscriber.complete()
          },
          (bug: unknown) => {
            subscriber.error(bug)
          },
        )
        return () => {
          clearTimeout(timer)
          controller.abort()
        }
      }),
  }
}

/** Some trackers give their reasons with an error status. */
const readAnswer = ({ status, body }: HttpAnswer): Either<TrackerError, AnnounceResponse> => {
  const decoded = decodeAnnounceResponse(body)
  const isSuccess = status >= 200 && status < 300
  const isExplained = E.isLeft(decoded) && decoded.left._tag === 'TrackerFailure'
  return isSuccess || isExplained ? decoded : E.left({ _tag: 'TrackerHttpStatus', status })
}
