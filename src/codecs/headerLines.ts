import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { toLatin1 } from './bytes.js'
import type { DecodeError } from './errors.js'
import { invalidField, limitExceeded } from './errors.js'
import { MAX_HEADER_LINES } from './limits.js'

/** A datagram in the form of HTTP: a line, then headers. */
export interface HeaderLines {
  readonly startLine: string
  /** In their order; names in lower case, values without blanks around them. */
  readonly headers: ReadonlyArray<HeaderLine>
}

export interface HeaderLine {
  readonly name: string
  readonly value: string
}

/**
 * Reads the lines up to the first empty one, or to the end; what comes after it does not matter. Lines end in CR LF or LF;
 * anything but printable ASCII in them is refused, and so is a header without a name.
 */
export const decodeHeaderLines = (bytes: Uint8Array, maxBytes: number): Either<DecodeError, HeaderLines> => {
  if (bytes.length > maxBytes) return E.left(limitExceeded('datagram bytes', maxBytes, bytes.length, ''))
  const [text = ''] = toLatin1(bytes).split(/\r?\n\r?\n/, 1)
  const [startLine = '', ...lines] = text.replace(/\r?\n$/, '').split(/\r?\n/, MAX_HEADER_LINES + 2)
  if (lines.length > MAX_HEADER_LINES) {
    return E.left(limitExceeded('header lines', MAX_HEADER_LINES, lines.length, ''))
  }
  const headers: HeaderLine[] = []
  for (const line of lines) {
    const [, name, value] = HEADER.exec(line) ?? []
    if (name === undefined || value === undefined) return E.left(invalidField('', 'header lines'))
    headers.push({ name: name.toLowerCase(), value: value.trim() })
  }
  return PRINTABLE.test(startLine)
    ? E.right({ startLine, headers })
    : E.left(invalidField('', 'a first line'))
}

const HEADER = /^([!#-'*+.\w^`|~-]+):([\t\x20-\x7e]*)$/
const PRINTABLE = /^[\x20-\x7e]*$/

/** The values of all headers of that name (in lower case), in their order. */
export const headerValues = ({ headers }: HeaderLines, name: string): ReadonlyArray<string> =>
  headers.flatMap((header) => (header.name === name ? [header.value] : []))
