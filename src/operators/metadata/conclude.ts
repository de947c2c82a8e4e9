import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { pipe } from '#fp/function'
import { equalBytes } from '../../codecs/bytes.js'
import { sha1, sha256 } from '../../codecs/infohash.js'
import type { Magnet } from '../../codecs/magnet.js'
import { decodeInfo, decodeMetainfo, encodeMetainfo } from '../../codecs/metainfo.js'
import type { MetadataOutcome } from './model.js'

/**
 * What whole metadata comes to: undefined where it is not what the link stands for. Whatever fits the hash is final,
 * also where it is of no use.
 */
export const conclude = (magnet: Magnet, info: Uint8Array): MetadataOutcome | undefined => {
  const { v1, v2 } = magnet.infohash
  const fits = [
    ...(O.isSome(v1) ? [equalBytes(sha1(info), v1.value)] : []),
    ...(O.isSome(v2) ? [equalBytes(sha256(info), v2.value)] : []),
  ]
  if (!fits.includes(true)) return undefined
  if (fits.includes(false)) return { _tag: 'Failed', error: { _tag: 'HashesDisagree' } }
  return pipe(
    decodeInfo(info),
    E.map((metainfo) => {
      const trackers = magnet.trackers.map((url) => [url])
      return encodeMetainfo({ ...metainfo, trackers, webSeeds: magnet.webSeeds })
    }),
    // As it will be read again, so that nothing depends on where a torrent came from.
    E.bindTo('torrent'),
    E.bind('metainfo', ({ torrent }) => decodeMetainfo(torrent)),
    E.match(
      (error): MetadataOutcome => ({ _tag: 'Failed', error: { _tag: 'MetadataInvalid', error } }),
      (found): MetadataOutcome => ({ _tag: 'Found', ...found }),
    ),
  )
}
