import { showDecodeError, type TrackerError } from '../index.js'
import { formatBytes } from './format/bytes.js'
import { plainText } from './format/plainText.js'

/** A tracker by the part of its URL that is no secret: paths and queries hold passkeys. */
export const trackerName = (url: string): string => {
  if (!URL.canParse(url)) return 'a tracker with an invalid URL'
  const { protocol, host } = new URL(url)
  return plainText(`${protocol}//${host}`)
}

/** Why an announce failed, in one line for people. */
export const trackerText = (error: TrackerError): string => {
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
      return `its answer is longer than ${formatBytes(error.allowed)}`
    case 'TrackerRedirectRefused':
      return 'it redirects where it may not'
    case 'InvalidTrackerResponse':
      return `its answer is ${showDecodeError(error.error)}`
    case 'TrackerFailure':
      return `it says: ${plainText(error.reason)}`
  }
}
