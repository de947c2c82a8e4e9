import type { DecodeError } from './errors.js'

/** Why an announce or a scrape came to nothing. No case carries a URL: passkeys and passwords never reach a log. */
export type TrackerError =
  | { readonly _tag: 'UnsupportedTracker'; readonly scheme: string }
  | { readonly _tag: 'InvalidTrackerUrl' }
  /** The URL leads into a network that it has no business in: this machine, by another path than `/announce…`. */
  | { readonly _tag: 'TrackerAddressRefused' }
  | { readonly _tag: 'TrackerUnreachable'; readonly code: string }
  | { readonly _tag: 'TrackerTimeout' }
  | { readonly _tag: 'TrackerHttpStatus'; readonly status: number }
  | { readonly _tag: 'TrackerResponseTooLarge'; readonly allowed: number }
  /** Too many redirects, or one to another scheme or into a narrower network. */
  | { readonly _tag: 'TrackerRedirectRefused' }
  /** Its URL is not of the form that names a place to scrape (BEP 48), or its driver knows no scrape. */
  | { readonly _tag: 'ScrapeUnsupported' }
  | { readonly _tag: 'InvalidTrackerResponse'; readonly error: DecodeError }
  /** The tracker said no (`failure reason`); `retryInSeconds` is BEP 31's `retry in` (`Infinity` for `never`). */
  | { readonly _tag: 'TrackerFailure'; readonly reason: string; readonly retryInSeconds: number | undefined }
