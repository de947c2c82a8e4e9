import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { toHex } from '../../src/codecs/bytes.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import { makeTorrent } from '../support/makeTorrent.js'

describe('layoutOf', () => {
  it('lays the files one behind the other, in the words of storages', () => {
    const { metainfo } = makeTorrent({ pieceLength: 16_384, files: [10, 0, 20_000] })
    const plain = { isPad: false, isExecutable: false, symlink: undefined }
    expect(layoutOf(metainfo)).toEqual({
      id: toHex(O.toUndefined(metainfo.infohash.v1)!),
      pieceLength: 16_384,
      length: 20_010,
      files: [
        { path: ['data', '0.bin'], length: 10, offset: 0, ...plain },
        { path: ['data', '1.bin'], length: 0, offset: 10, ...plain },
        { path: ['data', '2.bin'], length: 20_000, offset: 10, ...plain },
      ],
    })
  })
})
