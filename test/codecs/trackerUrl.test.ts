import { describe, expect, it } from 'vitest'
import { fc, test } from '@fast-check/vitest'
import * as E from '#fp/Either'
import { isSameOrigin, parseTrackerUrl, showTrackerUrl, scrapeUrl } from '../../src/codecs/trackerUrl.js'

describe('parseTrackerUrl', () => {
  it.each([
    ['http://t.example/announce', 'http'],
    ['HTTPS://T.EXAMPLE:8443/x/announce?passkey=1', 'https'],
    ['udp://t.example:1337', 'udp'],
    ['http://user:word@t.example/announce', 'http'],
    ['http://t.example?passkey=1', 'http'],
  ])('takes %s', (text, scheme) => {
    expect(parseTrackerUrl(text)).toMatchObject(E.right({ scheme }))
  })

  it.each(['ftp', 'file', 'wss', 'javascript', 'data'])('knows no %s trackers', (scheme) => {
    expect(parseTrackerUrl(`${scheme}://t.example/announce`)).toEqual(
      E.left({ _tag: 'UnsupportedTracker', scheme }),
    )
  })

  it.each([
    'http://t.example/announce?info_hash=a',
    'http://t.example/announce?x=1&peer_id=a',
    'http://t.example/announce?%70ort=80',
    'http://t.example:99999/announce',
    'http://[::1/announce',
    'http://1.2.3.4.5/announce',
    'http://t.ex\u0430mple/announce',
    'http:\\\\t.example\\announce',
    'http:t.example/announce',
  ])('refuses %s', (text) => {
    expect(parseTrackerUrl(text)).toEqual(E.left({ _tag: 'InvalidTrackerUrl' }))
  })

  test.prop([fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true, withFragments: true }))])(
    'never throws',
    (text) => {
      expect(['Left', 'Right']).toContain(parseTrackerUrl(text)._tag)
    },
  )
})

describe('showTrackerUrl', () => {
  test.prop([fc.stringMatching(/^[a-z0-9]{8,32}$/)])('shows no secret', (secret) => {
    const urls = [
      `http://t.example:8080/${secret}/announce`,
      `http://t.example:8080/announce?passkey=${secret}`,
      `http://${secret}:${secret}@t.example:8080/announce`,
      `http://t.example:8080/announce#${secret}`,
    ]
    for (const url of urls) expect(showTrackerUrl(url)).toBe('http://t.example:8080')
    expect(showTrackerUrl(` ${secret}`)).toBe('invalid tracker URL')
  })
})

describe('isSameOrigin', () => {
  it('compares scheme, host and port', () => {
    expect(isSameOrigin(new URL('http://a.example/x'), new URL('http://A.example:80/y'))).toBe(true)
    expect(isSameOrigin(new URL('http://a.example/x'), new URL('https://a.example/x'))).toBe(false)
  })
})

describe('scrapeUrl', () => {
  // The examples of BEP 48.
  it.each([
    ['http://example.com/announce', 'http://example.com/scrape'],
    ['http://example.com/x/announce', 'http://example.com/x/scrape'],
    ['http://example.com/announce.php', 'http://example.com/scrape.php'],
    ['http://example.com/a', undefined],
    ['http://example.com/announce?x2%0644', 'http://example.com/scrape?x2%0644'],
    ['http://example.com/announce?x=2/4', 'http://example.com/scrape?x=2/4'],
    ['http://example.com/x%064announce', undefined],
    [
      'http://user:word@example.com/key/announce?announce#announce',
      'http://user:word@example.com/key/scrape?announce#announce',
    ],
    ['http://example.com/announce/', undefined],
  ])('%s: %s', (announce, expected) => {
    expect(scrapeUrl(new URL(announce))?.href).toBe(expected)
  })
})
