import { resolve } from 'node:path'
import { map, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { equalBytes, toHex } from '../../codecs/bytes.js'
import type { Magnet } from '../../codecs/magnet.js'
import { decodeMetainfo } from '../../codecs/metainfo.js'
import { hasPieceHashes } from '../../codecs/missingLayers.js'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import { createSaveFolder, loadPrivateFile, savePrivateFile } from './resumeFile.js'
import { torrentPath } from './storage/tree.js'

// The torrent of a magnet link, `.rxtorrent/<infohash>.torrent` beside its data: fetched once, there for all later runs.

type Named = Pick<Magnet, 'infohash'>

const idOf = ({ infohash: { v1, v2 } }: Named): string => (O.isSome(v1) ? toHex(v1.value) : hexOf(v2))

const hexOf = (hash: Option<Uint8Array>): string => O.match(() => '', toHex)(hash)

/**
 * The torrent that a link stands for, if an earlier run kept it in the folder; what is not that torrent is none. Cold;
 * emits once and completes.
 */
export const keptTorrent = (directory: string, magnet: Named): Observable<Option<Metainfo>> =>
  loadPrivateFile(resolve(directory), torrentPath(idOf(magnet))).pipe(
    map((loaded) =>
      pipe(
        loaded,
        E.getOrElse((): Option<Uint8Array> => O.none),
        O.chain((bytes) => O.fromEither(decodeMetainfo(bytes))),
        O.filter((metainfo) => isSame(magnet.infohash, metainfo.infohash) && hasPieceHashes(metainfo)),
      ),
    ),
  )

const isSame = (wanted: Magnet['infohash'], found: Metainfo['infohash']): boolean =>
  [
    [wanted.v1, found.v1],
    [wanted.v2, found.v2],
  ].every(
    ([a, b]) =>
      a === undefined || O.isNone(a) || (b !== undefined && O.isSome(b) && equalBytes(a.value, b.value)),
  )

/**
 * Keeps a torrent in the folder, which is made if it is not there: whole or not at all, readable by its owner only, since
 * trackers may have secrets in their URLs. Cold; emits once and completes; a `Left` is the system's code.
 */
export const keepTorrent = (
  directory: string,
  magnet: Named,
  torrent: Uint8Array,
): Observable<Either<string, void>> =>
  savePrivateFile(createSaveFolder(resolve(directory)), torrentPath(idOf(magnet)), torrent)
