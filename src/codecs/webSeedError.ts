/** Why bytes of a web seed did not come. No case carries a URL: what is secret in it never reaches a log. */
export type WebSeedError =
  | { readonly _tag: 'WebSeedUnreachable'; readonly code: string }
  | { readonly _tag: 'WebSeedTimeout' }
  | { readonly _tag: 'WebSeedStatus'; readonly status: number }
  /** The answer is not the bytes that were asked for: the whole file, another range, too few or too many, encoded. */
  | { readonly _tag: 'WebSeedRangeIgnored' }
  /** The URL, or one it redirects to, leads into a network that it has no business in; or the redirects do not end. */
  | { readonly _tag: 'WebSeedRefused' }

/** The error as a short code, as sockets have them. */
export const webSeedErrorCode = (error: WebSeedError): string => {
  switch (error._tag) {
    case 'WebSeedUnreachable':
      return error.code
    case 'WebSeedTimeout':
      return 'ETIMEDOUT'
    case 'WebSeedStatus':
      return `HTTP${String(error.status)}`
    case 'WebSeedRangeIgnored':
      return 'EBADRANGE'
    case 'WebSeedRefused':
      return 'EREFUSED'
  }
}

/** Whether the server has spoken, and what it has is not the file. */
export const isFileLacking = (error: WebSeedError): boolean =>
  error._tag === 'WebSeedRangeIgnored' ||
  (error._tag === 'WebSeedStatus' && LACKING_STATUS.includes(error.status))

/** Forbidden, not found, gone, and no such range: the file there is shorter. */
const LACKING_STATUS: ReadonlyArray<number> = [403, 404, 410, 416]
