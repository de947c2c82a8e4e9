import { toHex } from '../../codecs/bytes.js'
import { layerRanges } from '../../codecs/hashProof.js'
import { HASH_LENGTH, pieceHeight } from '../../codecs/merkle.js'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import { missingLayers } from '../../codecs/missingLayers.js'
import type { HashRange } from '../../codecs/wire/message.js'
import type { PeerKey } from '../peer/peerKey.js'

/** A stretch of a piece layer that is asked for at once. */
export interface LayerPart {
  readonly range: HashRange
  /** The layer that it is a part of. */
  readonly layer: Uint8Array
  /** Who has been asked and has not answered. */
  readonly asked: Set<PeerKey>
  isHad: boolean
}

/**
 * The piece layers of a v2 torrent, being gathered: each part is proven when it comes, so that any peer can give any. The
 * memory is what the torrent's own files come to. Mutable, for one owner; written only through the functions of this file.
 */
export interface LayerGathering {
  /** The torrent without them. */
  readonly metainfo: Metainfo
  readonly layers: ReadonlyMap<string, Uint8Array>
  /** Those that are missing, and some of those that are not. */
  parts: ReadonlyArray<LayerPart>
  missing: number
  haveBytes: number
}

export const gatherLayers = (metainfo: Metainfo): LayerGathering => {
  const wanted = missingLayers(metainfo)
  const layers = new Map(
    wanted.map(({ root, pieceCount }) => [toHex(root), new Uint8Array(HASH_LENGTH * pieceCount)]),
  )
  const height = pieceHeight(metainfo.pieceLength)
  const parts = wanted.flatMap(({ root, pieceCount }) => {
    const layer = layers.get(toHex(root))!
    return layerRanges(root, height, pieceCount).map((range): LayerPart => ({
      range,
      layer,
      asked: new Set(),
      isHad: false,
    }))
  })
  return { metainfo, layers, parts, missing: parts.length, haveBytes: 0 }
}

/** Bytes of all layers. */
export const layerBytes = ({ layers }: LayerGathering): number =>
  [...layers.values()].reduce((sum, layer) => sum + layer.length, 0)

/**
 * The next part to ask of `peer`: one that nobody is asked for, else one that fewer than `most` are; undefined where there
 * is none.
 */
export const nextPart = (gathering: LayerGathering, peer: PeerKey, most: number): LayerPart | undefined => {
  let second: LayerPart | undefined
  for (const part of gathering.parts) {
    if (part.isHad) continue
    if (part.asked.size === 0) return part
    if (second === undefined && part.asked.size < most && !part.asked.has(peer)) second = part
  }
  return second
}

/** Takes a copy of the hashes of a part that are proven; what is behind the end of the file is left out. */
export const storePart = (gathering: LayerGathering, part: LayerPart, hashes: Uint8Array): void => {
  if (part.isHad) return
  const at = part.range.index * HASH_LENGTH
  const length = Math.min(part.range.length * HASH_LENGTH, part.layer.length - at)
  part.layer.set(hashes.subarray(0, length), at)
  part.isHad = true
  gathering.missing--
  // Looked through for each peer at each event: never twice as long as it has to be, and a little.
  if (gathering.parts.length > 2 * gathering.missing + 64) gathering.parts = gathering.parts.filter(isMissing)
  gathering.haveBytes += length
}

const isMissing = ({ isHad }: LayerPart): boolean => !isHad
