import { showDecodeError } from './errors.js'
import { plainText } from './plainText.js'
import type { TrackerError } from './trackerError.js'

/**
 * Why an announce failed, in one line for people. Holds no URL; what the tracker says has its control characters
 * written out.
 *
 * @example
 * ```ts
 * if (notice._tag === 'AnnounceFailed') console.error(showTrackerError(notice.error)) // 'it says: unregistered torrent'
 * ```
 */
export const showTrackerError = (error: TrackerError): string => {
  switch (error._tag) {
    case 'UnsupportedTracker':
      return `${plainText(error.scheme)} trackers are not supported`
    case 'InvalidTrackerUrl':
      return 'not a valid URL'
    case 'TrackerAddressRefused':
      return 'it lies in a network that a torrent has no business in'
    case 'TrackerUnreachable':
      return `not reachable (${plainText(error.code)})`
    case 'TrackerTimeout':
      return 'no answer in time'
    case 'TrackerHttpStatus':
      return `HTTP status ${String(error.status)}`
    case 'TrackerResponseTooLarge':
      return `its answer is longer than ${String(error.allowed)} bytes`
    case 'TrackerRedirectRefused':
      return 'it redirects where it may not'
    case 'ScrapeUnsupported':
      return 'it has no scrape'
    case 'InvalidTrackerResponse':
      return `its answer is ${showDecodeError(error.error)}`
    case 'TrackerFailure':
      return `it says: ${plainText(error.reason)}`
  }
}
