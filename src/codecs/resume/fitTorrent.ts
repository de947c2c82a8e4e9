import * as O from '#fp/Option'
import type { Metainfo } from '../metainfoModel.js'
import { renameFiles } from '../renameFiles.js'
import type { PathPlatform } from '../safePath.js'
import { shortPieces } from '../shortPieces.js'
import type { ResumeData, ResumeField } from './resumeModel.js'

/** The infohash that resume data go by: of the half that is transferred. */
export const resumeInfohash = ({ infohash }: Pick<Metainfo, 'infohash'>): Uint8Array =>
  O.getOrElse((): Uint8Array => new Uint8Array(0))(O.alt(() => infohash.v2)(infohash.v1))

/** The first field that cannot be true of the torrent; undefined where all can. */
export const fitTorrent = (
  data: ResumeData,
  metainfo: Metainfo,
  platform: PathPlatform,
): ResumeField | undefined => {
  if (!areBits(data.pieces, metainfo.pieceCount)) return 'pieces'
  if (!isWithin(data)) return 'unsynced'
  if (data.priorities.length !== metainfo.files.length) return 'priorities'
  if (data.files.length !== metainfo.files.length) return 'files'
  if (!isFitting(data, metainfo)) return 'partial'
  return areNames(data, metainfo, platform) ? undefined : 'renamed'
}

/** Only what is claimed can be claimed for a while. */
const isWithin = ({ unsynced, pieces }: ResumeData): boolean =>
  O.isNone(unsynced) ||
  (unsynced.value.pieces.length === pieces.length &&
    unsynced.value.pieces.every((byte, i) => (byte & ~pieces[i]!) === 0))

/** Paths that the torrent could have had, none of a symlink. */
const areNames = ({ renamed }: ResumeData, { files }: Metainfo, platform: PathPlatform): boolean =>
  renameFiles(files, renamed, platform) !== undefined &&
  renamed.every(({ file }) => O.isNone(files[file]!.symlink))

/** Ascending, none twice, none that is had, each with at least a block and bits for as many as it has. */
const isFitting = ({ partial, pieces, blockLength }: ResumeData, metainfo: Metainfo): boolean => {
  const { pieceCount, pieceLength, streamLength } = metainfo
  const short = metainfo.version === 'v2' ? shortPieces(metainfo.files, pieceLength) : undefined
  let last = -1
  for (const { piece, blocks } of partial) {
    if (piece <= last || piece >= pieceCount || hasBit(pieces, piece)) return false
    last = piece
    const length = short?.get(piece) ?? Math.min(pieceLength, streamLength - piece * pieceLength)
    if (!areBits(blocks, Math.ceil(length / blockLength)) || blocks.every((byte) => byte === 0)) return false
  }
  return true
}

const hasBit = (bits: Uint8Array, index: number): boolean => (bits[index >> 3]! & (0x80 >> (index & 7))) !== 0

/** Of the length that `count` bits need, and without one set past them. */
const areBits = (bits: Uint8Array, count: number): boolean => {
  if (bits.length !== Math.ceil(count / 8)) return false
  const spare = bits.length * 8 - count
  return spare === 0 || (bits[bits.length - 1]! & ((1 << spare) - 1)) === 0
}
