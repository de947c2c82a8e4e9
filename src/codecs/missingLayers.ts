import * as O from '#fp/Option'
import { toHex } from './bytes.js'
import type { Metainfo } from './metainfoModel.js'

/** A piece layer that a torrent should have (BEP 52). */
export interface MissingLayer {
  readonly root: Uint8Array
  readonly pieceCount: number
}

/** The piece layers of a torrent's v2 half that are not there, each once: all of them, behind a magnet link. */
export const missingLayers = ({ files, pieceLayers, pieceLength }: Metainfo): ReadonlyArray<MissingLayer> => {
  const missing = new Map<string, MissingLayer>()
  for (const { length, piecesRoot } of files) {
    if (O.isNone(piecesRoot) || length <= pieceLength) continue
    const root = piecesRoot.value
    const hex = toHex(root)
    if (!pieceLayers.has(hex)) missing.set(hex, { root, pieceCount: Math.ceil(length / pieceLength) })
  }
  return [...missing.values()]
}

/**
 * Whether there is a hash for each piece, without which nothing can be transferred: not in a v2-only torrent whose piece
 * layers are not all there.
 *
 * @example
 * ```ts
 * if (!hasPieceHashes(metainfo)) console.error('ask the peers for its piece layers first')
 * ```
 */
export const hasPieceHashes = (metainfo: Metainfo): boolean =>
  metainfo.version !== 'v2' || missingLayers(metainfo).length === 0
