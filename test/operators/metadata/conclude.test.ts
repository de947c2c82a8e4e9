import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { magnetOf } from '../../../src/codecs/magnet.js'
import { decodeMetainfo } from '../../../src/codecs/metainfo.js'
import { conclude } from '../../../src/operators/metadata/conclude.js'
import { makeTorrent } from '../../support/makeTorrent.js'

const { metainfo } = makeTorrent({ pieceLength: 16_384, files: [5, 6] })
const { info } = metainfo
const link = {
  ...magnetOf(metainfo),
  trackers: ['http://a.example/', 'udp://b.example:1'],
  webSeeds: ['http://seed.example/data'],
}

describe('conclude', () => {
  it('makes a torrent of what fits, with the link’s trackers and web seeds', () => {
    const outcome = conclude(link, info)
    if (outcome?._tag !== 'Found') throw new Error(JSON.stringify(outcome))
    expect(outcome.metainfo).toEqual({
      ...metainfo,
      trackers: [['http://a.example/'], ['udp://b.example:1']],
      // Of several files: a folder.
      webSeeds: ['http://seed.example/data/'],
    })
    expect(decodeMetainfo(outcome.torrent)).toEqual(E.right(outcome.metainfo))
  })

  it('makes nothing of what does not', () => {
    expect(conclude(link, info.subarray(1))).toBeUndefined()
    expect(conclude(link, new Uint8Array(0))).toBeUndefined()
  })

  it('wants both hashes of a link to fit', () => {
    const v2 = new Uint8Array(createHash('sha256').update(info).digest())
    const withBoth = (hash: Uint8Array) => ({
      ...link,
      infohash: { v1: metainfo.infohash.v1, v2: O.some(hash) },
    })
    expect(conclude(withBoth(v2), info)).toMatchObject({ _tag: 'Found' })
    expect(conclude(withBoth(new Uint8Array(32)), info)).toEqual({
      _tag: 'Failed',
      error: { _tag: 'HashesDisagree' },
    })
  })
})
