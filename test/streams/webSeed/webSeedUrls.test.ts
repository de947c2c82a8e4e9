import { describe, expect, it } from 'vitest'
import { partsOf } from '../../../src/streams/webSeed/webSeedUrls.js'
import { makeTorrent } from '../../support/makeTorrent.js'

const files = { _tag: 'Files', url: 'http://host.test/files/' } as const

describe('partsOf', () => {
  it('names each file that has a part, by its path, with its range', () => {
    const { metainfo } = makeTorrent({ name: 'a b', pieceLength: 16_384, files: [10_000, 0, 20_000] })
    expect(partsOf(metainfo, files, 9_000, 2_000)).toEqual([
      {
        _tag: 'Read',
        read: {
          url: 'http://host.test/files/a%20b/0.bin',
          range: { first: 9_000, of: 10_000 },
          length: 1_000,
        },
        file: 0,
      },
      {
        _tag: 'Read',
        read: { url: 'http://host.test/files/a%20b/2.bin', range: { first: 0, of: 20_000 }, length: 1_000 },
        file: 2,
      },
    ])
  })

  it('takes the URL of a single file as it is, and appends its name to that of a folder', () => {
    const { metainfo } = makeTorrent({ name: 'x#1?.bin', pieceLength: 16_384, files: 20_000 })
    const urlFor = (url: string): string | undefined => {
      const [part] = partsOf(metainfo, { _tag: 'Files', url }, 0, 1)
      return part?._tag === 'Read' ? part.read.url : undefined
    }
    expect(urlFor('http://host.test/mirror/else.bin')).toBe('http://host.test/mirror/else.bin')
    expect(urlFor('http://host.test/mirror/')).toBe('http://host.test/mirror/x%231%3F.bin')
  })

  it('leaves the query of a URL where it is', () => {
    const { metainfo } = makeTorrent({
      name: 'a',
      pieceLength: 16_384,
      files: [10, 10],
      webSeeds: ['http://host.test/files?key=1/', 'http://host.test/files/#top'],
    })
    const urls = metainfo.webSeeds.map((url) => partsOf(metainfo, { _tag: 'Files', url }, 10, 1))
    expect(urls).toMatchObject([
      [{ read: { url: 'http://host.test/files/a/1.bin?key=1/' } }],
      [{ read: { url: expect.stringMatching(/^http:\/\/host\.test\/files\/a\/1\.bin/) as string } }],
    ])
  })

  it('asks for a part of a piece by infohash (BEP 17)', () => {
    const { metainfo } = makeTorrent({ pieceLength: 16_384, files: 60_000 })
    const [part] = partsOf(metainfo, { _tag: 'Pieces', url: 'http://host.test/s?a=1' }, 16_384 + 5, 100)
    expect(part).toMatchObject({ _tag: 'Read', read: { range: undefined, length: 100 } })
    expect(part?._tag === 'Read' && part.read.url).toMatch(
      /^http:\/\/host\.test\/s\?a=1&info_hash=(%[0-9a-f]{2}){20}&piece=1&ranges=5-104$/,
    )
  })
})
