import { createHash } from 'node:crypto'
import { decodeMetainfo, makeMetainfo, type Metainfo } from 'rxtorrent'

/** A torrent of one file that repeats a pattern, for swarms that need no real file. */
export const virtualTorrent = (
  pieceCount: number,
  pieceLength: number,
  trackers: ReadonlyArray<string> = ['http://tracker.example/announce'],
  name = 'example.bin',
): { readonly metainfo: Metainfo; readonly content: Uint8Array } => {
  const content = new Uint8Array(pieceCount * pieceLength)
  for (let i = 0; i < content.length; i++) content[i] = (i * 31 + (i >> 14) * 7) & 0xff
  const pieces = Array.from({ length: pieceCount }, (_, piece) =>
    createHash('sha1')
      .update(content.subarray(piece * pieceLength, (piece + 1) * pieceLength))
      .digest(),
  )
  const torrent = makeMetainfo({
    name,
    content: content.length,
    pieceLength,
    pieces: Buffer.concat(pieces),
    trackers: trackers.length === 0 ? [] : [trackers],
  })
  if (torrent._tag === 'Left') throw new Error(JSON.stringify(torrent.left))
  const metainfo = decodeMetainfo(torrent.right)
  if (metainfo._tag === 'Left') throw new Error(JSON.stringify(metainfo.left))
  return { metainfo: metainfo.right, content }
}
