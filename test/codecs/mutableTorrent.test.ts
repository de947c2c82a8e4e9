import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { fromLatin1 } from '../../src/codecs/bytes.js'
import {
  decodeTorrentValue,
  encodeTorrentValue,
  mutableMagnet,
  parseMutableMagnet,
} from '../../src/codecs/mutableTorrent.js'
import { bytesOf } from './krpc/arbitraries.js'

const key = 'ab'.repeat(32)
const publicKey = new Uint8Array(32).fill(0xab)

describe('the magnet link of a mutable torrent (BEP 46)', () => {
  test.prop([bytesOf(32), fc.uint8Array({ maxLength: 64 })])('round trip', (anyKey, salt) => {
    const torrent = { publicKey: anyKey, salt }
    expect(parseMutableMagnet(mutableMagnet(torrent))).toEqual(O.some(torrent))
  })

  it('is read in any order and case, escaped or not, among other sources', () => {
    for (const uri of [
      `magnet:?xs=urn:btpk:${key}`,
      `magnet:?dn=a&XS=URN:BTPK:${key.toUpperCase()}&s=`,
      `MAGNET:?xs=http://example.com/&xs=urn%3Abtpk%3A${key}`,
    ]) {
      expect(parseMutableMagnet(uri)).toEqual(O.some({ publicKey, salt: new Uint8Array(0) }))
    }
    expect(parseMutableMagnet(`magnet:?s=6e&xs=urn:btpk:${key}`)).toEqual(
      O.some({ publicKey, salt: Uint8Array.of(0x6e) }),
    )
  })

  it.each([
    `magnet:?xt=urn:btih:${'ab'.repeat(20)}`,
    `magnet:?xs=urn:btpk:${key}00`,
    `magnet:?xs=urn:btpk:${key.slice(2)}zz`,
    `magnet:?xs=urn:btpk:${key}&s=6`,
    `magnet:?xs=urn:btpk:${key}&s=${'00'.repeat(65)}`,
    `magnet:?xs=urn:btpk:${key}&dn=${'a'.repeat(5_000)}`,
    `http://example.com/?xs=urn:btpk:${key}`,
  ])('is not read in %s', (uri) => {
    expect(parseMutableMagnet(uri)).toEqual(O.none)
  })
})

describe('the value of a mutable torrent', () => {
  test.prop([bytesOf(20)])('round trip', (infohash) => {
    expect(decodeTorrentValue(encodeTorrentValue(infohash))).toEqual(O.some(infohash))
  })

  it.each([
    '',
    'i1e',
    'de',
    'd2:ih3:abce',
    'd2:ihi1ee',
    `d2:ih20:${'a'.repeat(20)}`,
    `l${'i1e'.repeat(400)}e`,
  ])('is not %j', (text) => {
    expect(decodeTorrentValue(fromLatin1(text))).toEqual(O.none)
  })
})
