import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { toUtf8 } from '../../../src/codecs/bytes.js'
import { decodeXml, elementsNamed, escapeXml, type XmlElement } from '../../../src/codecs/portMapping/xml.js'

const read = (text: string): ReturnType<typeof decodeXml> => decodeXml(toUtf8(text))
const element = (name: string, text = '', children: ReadonlyArray<XmlElement> = []): XmlElement => ({
  name,
  text,
  children,
})

const elementOf: (depth: number) => fc.Arbitrary<XmlElement> = fc.memo((depth) =>
  fc.record({
    name: fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}$/),
    text: fc.string({ maxLength: 20 }).map((text) => text.trim()),
    children: depth > 1 ? fc.array(elementOf(depth - 1), { maxLength: 3 }) : fc.constant([]),
  }),
)
const anyElement = elementOf(4)

const write = ({ name, text, children }: XmlElement): string =>
  `<u:${name} a="b" c='>'>${escapeXml(text)}${children.map(write).join('<!-- - > -->')}</u:${name}>`

describe('decodeXml', () => {
  it('reads elements and their text, without their prefixes', () => {
    const text = `\ufeff<?xml version="1.0"?>\r\n<!-- a -- b --><a:root xmlns:a="x"><b> 1 &lt; 2 &#x41;&#66; </b><c/><d><![CDATA[<&]]></d></a:root>\n`
    expect(read(text)).toEqual(
      E.right(element('root', '', [element('b', '1 < 2 AB'), element('c'), element('d', '<&')])),
    )
  })

  test.prop([anyElement])('reads what was written', (root) => {
    expect(read(write(root))).toEqual(E.right(root))
  })

  it('finds elements wherever they are', () => {
    const document = read('<a><b>1</b><c><b>2<b>3</b></b></c></a>')
    expect(E.isRight(document) && elementsNamed(document.right, 'b').map(({ text }) => text)).toEqual([
      '1',
      '2',
      '3',
    ])
  })

  const billion = `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><lolz>&lol2;</lolz>`
  it.each([
    ['nothing', ''],
    ['text alone', 'hello'],
    ['an entity that grows', billion],
    ['an entity from a file', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
    ['an entity from elsewhere', '<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd"><a/>'],
    ['an empty document type', '<!DOCTYPE a><a/>'],
    ['an unknown entity', '<a>&nbsp;</a>'],
    ['an open entity', '<a>a & b</a>'],
    ['a character that is none', '<a>&#0;</a>'],
    ['half of a character', '<a>&#xd800;</a>'],
    ['a character beyond all', '<a>&#x110000;</a>'],
    ['an open element', '<a><b></a>'],
    ['an element that was not begun', '</a>'],
    ['two roots', '<a/><b/>'],
    ['text behind the root', '<a/>b'],
    ['an open tag', '<a'],
    ['an open comment', '<a><!-- </a>'],
    ['an attribute without quotes', '<a b=c></a>'],
    ['another prefix at the end', '<x:a></y:a>'],
  ])('refuses %s', (_, text) => {
    expect(E.isLeft(read(text))).toBe(true)
  })

  it('bounds the depth, the number of elements and the size', () => {
    expect(read('<a>'.repeat(100) + '</a>'.repeat(100))).toMatchObject({ left: { limit: 'depth' } })
    expect(read(`<a>${'<b/>'.repeat(10_000)}</a>`)).toMatchObject({ left: { limit: 'elements' } })
    expect(read(`<a>${'x'.repeat(300_000)}</a>`)).toMatchObject({ left: { limit: 'document bytes' } })
  })

  it.each([
    ['spaces', `<a${' '.repeat(200_000)}`],
    ['letters', `<${'a'.repeat(200_000)}`],
    ['attributes', `<a${' b="c"'.repeat(30_000)}`],
    ['an attribute', `<a b="${'c'.repeat(200_000)}`],
    ['a comment', `<!--${'-'.repeat(200_000)}`],
    ['CDATA', `<a><![CDATA[${']'.repeat(200_000)}`],
    ['ampersands', `<a>${'&'.repeat(200_000)}`],
    ['tags', '<'.repeat(200_000)],
  ])('is quick about %s without an end', (_, text) => {
    const start = performance.now()
    expect(E.isLeft(read(text))).toBe(true)
    expect(performance.now() - start).toBeLessThan(2_000)
  })

  test.prop([
    fc.string({
      unit: fc.constantFrom('<', '>', '/', 'a', ' ', '!', '-', '&', ';', '[', ']', '"', '=', '?'),
    }),
  ])('never throws', (text) => {
    expect(read(text)).toHaveProperty('_tag')
  })
})
