import { fromUtf8, toLatin1, toUtf8 } from './bytes.js'
import { MAX_PATH_ELEMENT_BYTES } from './limits.js'

/** Whose file names: Windows has fewer. Both are pure functions and work anywhere. */
export type PathPlatform = 'posix' | 'windows'

/**
 * One element of a torrent's path as a name that any file system of the platform takes, without separators, control
 * or invisible characters, and that is not `.` or `..`. Empty where nothing is left to name; an element that was empty
 * from the start becomes `_`. Applying it again changes nothing.
 */
export const sanitizeElement = (element: Uint8Array, platform: PathPlatform): string => {
  if (element.length === 0) return '_'
  const text = isPlain(element) ? toLatin1(element) : clean(fromUtf8(element))
  const name = platform === 'posix' ? text : toWindowsName(text)
  if (name === '.' || name === '..') return ''
  const short = shorten(name)
  return platform === 'posix' ? short : trimForWindows(short)
}

/**
 * A torrent's path as safe elements: those that name nothing are left out, `['..', 'a']` is `['a']`. Never empty: a path
 * of which nothing is left becomes `['_']`. Joined below any folder, it stays below it.
 */
export const sanitizePath = (
  elements: ReadonlyArray<Uint8Array>,
  platform: PathPlatform,
): ReadonlyArray<string> => {
  const names: string[] = []
  for (let i = 0; i < elements.length; i++) {
    const name = sanitizeElement(elements[i]!, platform)
    if (name !== '') names.push(name)
  }
  return names.length === 0 ? ['_'] : names
}

/** Printable ASCII without separators: nothing to clean, which is the common case by far. */
const isPlain = (element: Uint8Array): boolean => {
  for (let i = 0; i < element.length; i++) {
    const byte = element[i]!
    if (byte < 0x20 || byte > 0x7e || byte === SLASH || byte === BACKSLASH) return false
  }
  return true
}

const clean = (text: string): string =>
  text.replace(SEPARATORS, '').replace(INVISIBLE, '').replace(UNPRINTABLE, '_')

const SLASH = 0x2f
const BACKSLASH = 0x5c
const SEPARATORS = /[/\\]/g
/** Zero-width, joiners, marks that turn the direction of text, tags. */
const INVISIBLE =
  /[\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu
/** Control characters one by one; what is not UTF-8 in one go, however many bytes it was. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}]|\ufffd+/gu

const WINDOWS_RESERVED_CHARACTERS = /[<>:"|?*]/g
/** Device names, with any extension. */
const WINDOWS_DEVICE = /^(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9\u00b9\u00b2\u00b3]) *(?:\.|$)/i

const toWindowsName = (text: string): string => {
  const name = trimForWindows(text.replace(WINDOWS_RESERVED_CHARACTERS, '_'))
  return WINDOWS_DEVICE.test(name) ? `_${name}` : name
}

/** Windows drops dots and spaces at the end, and Explorer spaces at the start. Loops: `/[. ]+$/` may be quadratic. */
const trimForWindows = (text: string): string => {
  let start = 0
  let end = text.length
  while (end > 0 && (text[end - 1] === '.' || text[end - 1] === ' ')) end--
  while (start < end && text[start] === ' ') start++
  return text.slice(start, end)
}

/** The longest extension, its dot counted, that is kept when a name is cut. */
const MAX_EXTENSION_BYTES = 9

const shorten = (name: string): string => {
  if (name.length * 3 <= MAX_PATH_ELEMENT_BYTES) return name
  const bytes = toUtf8(name)
  if (bytes.length <= MAX_PATH_ELEMENT_BYTES) return name
  const dot = bytes.lastIndexOf(0x2e)
  const end = dot >= bytes.length - MAX_EXTENSION_BYTES ? dot : bytes.length
  let cut = Math.min(end, MAX_PATH_ELEMENT_BYTES)
  // Not inside a character: its further bytes are 10xxxxxx.
  while (cut > 0 && (bytes[cut]! & 0xc0) === 0x80) cut--
  return fromUtf8(bytes.subarray(0, cut)) + fromUtf8(bytes.subarray(end))
}
