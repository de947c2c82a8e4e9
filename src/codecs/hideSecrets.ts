import * as E from '#fp/Either'

/** Shorter ones are words that anybody may use, and no secrets worth the name. */
const SHORTEST_CREDENTIAL = 3
const SHORTEST_KEY = 6

/**
 * What a tracker says, without the secrets of its URL: some repeat the passkey that they do not know. Userinfo, parts of
 * the path and the query are written as `…`, encoded or not.
 *
 * @example
 * ```ts
 * hideSecrets('unknown passkey c0ffee5ecret', 'http://t.example/c0ffee5ecret/announce') // 'unknown passkey …'
 * ```
 */
export const hideSecrets = (text: string, url: string): string =>
  // The longest first, lest one that another begins with leaves the rest of it.
  secretsOf(url)
    .toSorted((a, b) => b.length - a.length)
    .reduce((hidden, secret) => hidden.replaceAll(secret, '…'), text)

const secretsOf = (text: string): ReadonlyArray<string> => {
  if (!URL.canParse(text)) return []
  const { username, password, pathname, search } = new URL(text)
  const keys = [...pathname.split('/'), ...search.slice(1).split(/[&=;]/)].filter(
    (part) => !PUBLIC.test(part),
  )
  return [
    ...bothForms([username, password]).filter((part) => part.length >= SHORTEST_CREDENTIAL),
    ...bothForms(keys).filter((part) => part.length >= SHORTEST_KEY),
  ]
}

/** Words that every tracker's URL may have. */
const PUBLIC = /^(?:announce|scrape)(?:\.[a-z]+)?$|^(?:passkey|authkey|torrent_pass)$/i

const bothForms = (parts: ReadonlyArray<string>): ReadonlyArray<string> =>
  parts.flatMap((part) => [part, E.getOrElse(() => part)(E.tryCatch(() => decodeURIComponent(part), String))])
