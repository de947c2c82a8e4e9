import * as O from '#fp/Option'
import { toHex } from '../codecs/bytes.js'
import type { Metainfo } from '../codecs/metainfoModel.js'
import { isSamePath, type RenamedFile } from '../codecs/renameFiles.js'
import { shortPieces } from '../codecs/shortPieces.js'
import { createGeometry, type Geometry } from '../operators/piece/geometry.js'
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
  ...(metainfo.version === 'v2' ? { pieceHash: 'merkle' } : {}),
})

/** As `geometryOf` the torrent. */
export const geometryOfLayout = (layout: StorageLayout, blockLength?: number): Geometry =>
  createGeometry(
    layout.length,
    layout.pieceLength,
    blockLength,
    layout.pieceHash === 'merkle' ? shortPieces(layout.files, layout.pieceLength) : undefined,
  )

type Paths = ReadonlyArray<ReadonlyArray<string>>

/** The layout with its files, one for each, under other paths. */
export const withPaths = (layout: StorageLayout, paths: Paths): StorageLayout => ({
  ...layout,
  files: layout.files.map((file, index) => ({ ...file, path: paths[index] ?? file.path })),
})

export const pathsOf = ({ files }: StorageLayout): Paths => files.map(({ path }) => path)

/** The layout with what lies under another path than the torrent's. */
export const withRenamed = (layout: StorageLayout, renamed: ReadonlyArray<RenamedFile>): StorageLayout => {
  if (renamed.length === 0) return layout
  const files = [...layout.files]
  for (const { file, path } of renamed) if (files[file] !== undefined) files[file] = { ...files[file], path }
  return { ...layout, files }
}

/** What `paths` has other than the layout. */
export const renamedIn = ({ files }: StorageLayout, paths: Paths): ReadonlyArray<RenamedFile> =>
  paths.flatMap((path, file) => {
    const own = files[file]?.path
    return own === undefined || isSamePath(own, path) ? [] : [{ file, path }]
  })
