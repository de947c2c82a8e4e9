import * as O from '#fp/Option'
import { toHex } from '../codecs/bytes.js'
import type { Metainfo } from '../codecs/metainfoModel.js'
import type { StorageLayout } from './deps.js'

/** Where a torrent's bytes lie, as storages want to know it. */
export const layoutOf = (metainfo: Metainfo): StorageLayout => ({
  id: toHex(O.toUndefined(metainfo.infohash.v1) ?? O.toUndefined(metainfo.infohash.v2) ?? new Uint8Array()),
  pieceLength: metainfo.pieceLength,
  length: metainfo.streamLength,
  files: metainfo.files.map(({ path, length, offset, isPad, isExecutable, symlink }) => ({
    path,
    length,
    offset,
    isPad,
    isExecutable,
    symlink: O.toUndefined(symlink),
  })),
})
