import { describe, expect, it } from 'vitest'
import type { BencodeValue } from '../../../src/codecs/bencode.js'
import { toUtf8 } from '../../../src/codecs/bytes.js'
import { readNodes, readTrackers, readWebSeeds } from '../../../src/codecs/metainfo/sources.js'

type Text = string | number | ReadonlyArray<Text>

const value = (text: Text): BencodeValue =>
  typeof text === 'string' ? toUtf8(text) : typeof text === 'number' ? text : text.map(value)

const trackers = (fields: Readonly<Record<string, Text>>): unknown =>
  readTrackers(new Map(Object.entries(fields).map(([key, text]) => [key, value(text)])))

const webSeeds = (text: Text, isFolder = false): unknown => readWebSeeds(value(text), isFolder)

describe('readTrackers', () => {
  it.each<readonly [string, Readonly<Record<string, Text>>, unknown]>([
    ['announce alone', { announce: ' udp://a.example:1 ' }, [['udp://a.example:1']]],
    [
      'tiers',
      {
        announce: 'udp://z.example:1',
        'announce-list': [['udp://a.example:1', 'http://b.example/'], ['wss://c.example']],
      },
      [['udp://a.example:1', 'http://b.example/'], ['wss://c.example']],
    ],
    [
      'tiers with junk',
      { 'announce-list': [[], 'x', 1, ['junk', 2, []], ['udp://a.example:1']] },
      [['udp://a.example:1']],
    ],
    ['a list of junk', { announce: 'udp://a.example:1', 'announce-list': [['x']] }, [['udp://a.example:1']]],
    ['nothing', {}, []],
  ])('%s', (_, fields, expected) => {
    expect(trackers(fields)).toEqual(expected)
  })

  it.each([
    'http://a.example/\r\nX: y',
    'file:///etc/passwd',
    'ftp://a.example/',
    'udp://a.example:0',
    'udp://a.example:99999',
    'tracker.example:80/announce',
    `http://a.example/${'a'.repeat(5_000)}`,
  ])('leaves out %.30j', (url) => {
    expect(trackers({ announce: url })).toEqual([])
  })

  it('keeps a thousand', () => {
    const tiers = Array.from({ length: 5_000 }, (_, i) => [`udp://a.example:${String(i + 1)}`])
    expect(trackers({ 'announce-list': tiers })).toHaveLength(1_000)
  })
})

describe('readWebSeeds', () => {
  it.each<readonly [Text, boolean, unknown]>([
    ['http://a.example/f', false, ['http://a.example/f']],
    ['http://a.example/f', true, ['http://a.example/f/']],
    [
      ['http://a.example/f g', 'http://a.example/f%20g', 'https://b.example/'],
      false,
      ['http://a.example/f%20g', 'https://b.example/'],
    ],
    ['http://127.0.0.1:8080/f', false, ['http://127.0.0.1:8080/f']],
    ['http://a.example/f?x=1', false, ['http://a.example/f?x=1']],
    [
      ['', 'x', 'ftp://a.example/', 'file:///etc/passwd', 'http://u:p@a.example/', 'http://a.example:0/', 1],
      false,
      [],
    ],
    ['http://169.254.169.254/latest?x', false, []],
    ['http://[::1]/latest?x', false, []],
    ['http://2130706433/latest?x', false, []],
    ['http://a.example/\r\nX: y', false, []],
    [1, false, []],
  ])('%j', (text, isFolder, expected) => {
    expect(webSeeds(text, isFolder)).toEqual(expected)
  })
})

describe('readNodes', () => {
  it('keeps usable ones', () => {
    const nodes: Text = [
      ['127.0.0.1', 1],
      ['::1', 65_535],
      ['router.example.com', 6_881],
      ['x', 0],
      ['x', 65_536],
      ['a b', 1],
      [1, 1],
      'x',
      ['x'],
    ]
    expect(readNodes(value(nodes))).toEqual([
      { host: '127.0.0.1', port: 1 },
      { host: '::1', port: 65_535 },
      { host: 'router.example.com', port: 6_881 },
    ])
  })

  it('keeps a hundred', () => {
    expect(readNodes(value(Array.from({ length: 5_000 }, (_, i) => ['x', i + 1])))).toHaveLength(100)
  })
})
