import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import type { AnnounceRequest } from '../../src/codecs/announce.js'
import { announceUrl, percentEncode } from '../../src/codecs/announceQuery.js'

const REQUEST: AnnounceRequest = {
  infohash: Uint8Array.from({ length: 20 }, (_, i) => i * 13),
  peerId: Uint8Array.from('-RX0010-abcdefghij~.', (character) => character.charCodeAt(0)),
  port: 6881,
  uploaded: 2 ** 50,
  downloaded: 2,
  left: 3,
  event: 'started',
  numWant: 50,
  key: 0xbeef,
  trackerId: undefined,
}

describe('announceUrl', () => {
  it('writes every argument', () => {
    expect(announceUrl(new URL('http://t.example/announce'), REQUEST).href).toBe(
      `http://t.example/announce?info_hash=${percentEncode(REQUEST.infohash)}&peer_id=-RX0010-abcdefghij~.` +
        '&port=6881&uploaded=1125899906842624&downloaded=2&left=3&compact=1&no_peer_id=1&numwant=50' +
        '&key=0000BEEF&event=started',
    )
  })

  it('keeps the query that the tracker gave and drops the fragment', () => {
    const url = announceUrl(new URL('http://t.example/announce?passkey=a%20b&x#top'), {
      ...REQUEST,
      event: undefined,
    })
    expect(url.href).toContain('/announce?passkey=a%20b&x&info_hash=')
    expect(url.hash).toBe('')
    expect(url.href).not.toContain('event=')
  })

  it('hands a tracker id back, whatever is in it', () => {
    const url = announceUrl(new URL('http://t.example/'), { ...REQUEST, trackerId: 'a&b=ü\ud800' })
    expect(url.search).toMatch(/&trackerid=a%26b%3D%C3%BC%EF%BF%BD$/)
  })
})

describe('percentEncode', () => {
  test.prop([fc.uint8Array({ maxLength: 40 })])('gives every byte back, also through a URL', (bytes) => {
    const url = new URL(`http://t.example/?x=${percentEncode(bytes)}`)
    const read = url.search
      .slice(3)
      .replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    expect(Uint8Array.from(read, (character) => character.charCodeAt(0))).toEqual(bytes)
  })
})
