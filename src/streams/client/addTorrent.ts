import { map, type Observable, of } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import type { DecodeError } from '../../codecs/errors.js'
import { decodeMagnet, type Magnet } from '../../codecs/magnet.js'
import { decodeMetainfo } from '../../codecs/metainfo.js'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import { hasPieceHashes } from '../../codecs/missingLayers.js'
import { swarmHash } from '../../codecs/swarmHash.js'
import type { MetadataError } from '../../operators/metadata/state.js'
import type { ClientDeps } from './options.js'

/** Why a torrent was not added. */
export type AddError =
  | { readonly _tag: 'TorrentUnreadable'; readonly path: string; readonly code: string }
  | { readonly _tag: 'TorrentInvalid'; readonly error: DecodeError }
  /** It has only a v2 infohash, and not all of its piece layers. */
  | { readonly _tag: 'TorrentUnsupported' }
  /** Not a magnet link that can be followed. */
  | { readonly _tag: 'MagnetInvalid'; readonly error: DecodeError }
  /** What a magnet link stands for is no torrent that can be used. */
  | { readonly _tag: 'MetadataFailed'; readonly error: MetadataError }
  /** It was removed, its signal aborted, or a bug ended it (`SessionDied`), before its metadata was there. */
  | { readonly _tag: 'AddCancelled' }
  | { readonly _tag: 'ClientClosed' }

/** A torrent whose pieces can be told right from wrong. */
export interface UsableTorrent {
  readonly metainfo: Metainfo
  readonly infohash: Uint8Array
}

/** A torrent in any of its forms: the path of a file, its bytes, or decoded. Emits once and completes. */
export const usableTorrent = (
  torrent: string | Uint8Array | Metainfo,
  readTorrent: ClientDeps['readTorrent'],
): Observable<Either<AddError, UsableTorrent>> => {
  if (typeof torrent !== 'string') {
    return of(torrent instanceof Uint8Array ? fromBytes(torrent) : withInfohash(torrent))
  }
  const unreadable = (code: string): AddError => ({ _tag: 'TorrentUnreadable', path: torrent, code })
  return readTorrent(torrent).pipe(map((read) => pipe(read, E.mapLeft(unreadable), E.chain(fromBytes))))
}

const fromBytes = (bytes: Uint8Array): Either<AddError, UsableTorrent> =>
  pipe(
    decodeMetainfo(bytes),
    E.mapLeft((error): AddError => ({ _tag: 'TorrentInvalid', error })),
    E.chain(withInfohash),
  )

export const withInfohash = (metainfo: Metainfo): Either<AddError, UsableTorrent> =>
  hasPieceHashes(metainfo)
    ? E.right({ metainfo, infohash: swarmHash(metainfo) })
    : E.left({ _tag: 'TorrentUnsupported' })

export interface UsableMagnet {
  readonly magnet: Magnet
  readonly infohash: Uint8Array
}

export const isMagnet = (torrent: unknown): torrent is string =>
  typeof torrent === 'string' && /^magnet:/i.test(torrent)

export const usableMagnet = (text: string): Either<AddError, UsableMagnet> =>
  pipe(
    decodeMagnet(text),
    E.mapLeft((error): AddError => ({ _tag: 'MagnetInvalid', error })),
    E.map((magnet) => ({ magnet, infohash: swarmHash(magnet) })),
  )
