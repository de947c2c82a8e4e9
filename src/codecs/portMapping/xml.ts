import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { fromUtf8 } from '../bytes.js'
import type { DecodeError } from '../errors.js'
import { invalidField, limitExceeded } from '../errors.js'
import { MAX_GATEWAY_DOCUMENT_BYTES, MAX_XML_DEPTH, MAX_XML_ELEMENTS } from '../limits.js'

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string
  /** Its own, without blanks around it. */
  readonly text: string
  readonly children: ReadonlyArray<XmlElement>
}

interface OpenElement {
  /** As it is written, prefix included. */
  readonly tag: string
  readonly children: XmlElement[]
  text: string
}

/**
 * Reads as much XML as gateways write: elements and text. Attributes, comments and processing instructions are passed
 * over. A document type is refused, so there are no entities but the five of XML itself and those of characters: nothing
 * can be expanded, and nothing outside of the document is ever looked at.
 */
export const decodeXml = (bytes: Uint8Array): Either<DecodeError, XmlElement> => {
  if (bytes.length > MAX_GATEWAY_DOCUMENT_BYTES) {
    return E.left(limitExceeded('document bytes', MAX_GATEWAY_DOCUMENT_BYTES, bytes.length, ''))
  }
  const text = fromUtf8(bytes).replace(/^\ufeff/, '')
  const open: OpenElement[] = [{ tag: '', children: [], text: '' }]
  let count = 0
  let at = 0
  while (at < text.length) {
    TOKEN.lastIndex = at
    const token = TOKEN.exec(text)
    if (token === null) return E.left(invalidField('', 'XML without a document type', at))
    const [whole, cdata, closing, opening, emptiness, chars] = token
    const top = open.at(-1)!
    if (opening !== undefined) {
      count += 1
      if (count > MAX_XML_ELEMENTS) return E.left(limitExceeded('elements', MAX_XML_ELEMENTS, count, '', at))
      if (emptiness === '/') top.children.push({ name: localName(opening), text: '', children: [] })
      else open.push({ tag: opening, children: [], text: '' })
      if (open.length > MAX_XML_DEPTH)
        return E.left(limitExceeded('depth', MAX_XML_DEPTH, open.length, '', at))
    } else if (closing !== undefined) {
      if (closing !== top.tag || open.length === 1)
        return E.left(invalidField('', 'the end of what was begun', at))
      open.pop()
      open.at(-1)!.children.push({ name: localName(top.tag), text: top.text.trim(), children: top.children })
    } else if (cdata !== undefined) {
      top.text += cdata
    } else if (chars !== undefined) {
      const plain = withoutEntities(chars)
      if (plain === undefined) return E.left(invalidField('', 'a known entity', at))
      top.text += plain
    }
    at += whole.length
  }
  const [document] = open
  const [root, ...others] = document?.children ?? []
  const isWhole = open.length === 1 && others.length === 0 && document?.text.trim() === ''
  return root === undefined || !isWhole ? E.left(invalidField('', 'one element, whole')) : E.right(root)
}

// A failure ends the reading, and no part can match one text in two ways: the time is linear.
const TOKEN = new RegExp(
  [
    /<\?[^>]*\?>|<!--[^]*?-->/,
    /<!\[CDATA\[([^]*?)\]\]>/,
    /<\/([A-Za-z_][\w.:-]*)\s*>/,
    /<([A-Za-z_][\w.:-]*)(?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(\/?)>/,
    /([^<]+)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'y',
)

const localName = (tag: string): string => tag.slice(tag.indexOf(':') + 1)

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

/** The text that is meant; undefined where it has an entity that there is not. */
const withoutEntities = (text: string): string | undefined => {
  const [first = '', ...rest] = text.split('&')
  let plain = first
  for (const part of rest) {
    const end = part.indexOf(';')
    const name = part.slice(0, Math.min(Math.max(end, 0), LONGEST_ENTITY))
    const meant = ENTITIES.get(name) ?? characterOf(name)
    if (meant === undefined || name.length !== end) return undefined
    plain += meant + part.slice(end + 1)
  }
  return plain
}

const LONGEST_ENTITY = 8

const characterOf = (name: string): string | undefined => {
  const [, hex, decimal] = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name) ?? []
  const code = hex === undefined ? Number(decimal ?? NaN) : parseInt(hex, 16)
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
  return isCharacter ? String.fromCodePoint(code) : undefined
}

/** The same with what has a meaning in XML written out. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`)

/** All elements of that name, wherever they are. */
export const elementsNamed = (root: XmlElement, name: string): ReadonlyArray<XmlElement> => [
  ...(root.name === name ? [root] : []),
  ...root.children.flatMap((child) => elementsNamed(child, name)),
]

/** The text of the first child of that name; empty where there is none. */
export const childText = ({ children }: XmlElement, name: string): string =>
  children.find((child) => child.name === name)?.text ?? ''
