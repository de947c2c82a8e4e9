import { insist, load } from './kernel.mjs'

/** @import { Kernel } from './kernel.mjs' */

/** @param {string} text */
const string = (text) => `${String(Buffer.byteLength(text))}:${text}`

/** @param {string} info what it says besides name, pieces and piece length @param {number} pieceCount */
const torrentOf = (info, pieceCount) =>
  Buffer.concat([
    Buffer.from(`d8:announce${string('http://tracker.invalid/announce')}4:infod${info}`),
    Buffer.from(`4:name7:payload12:piece lengthi16384e6:pieces${String(pieceCount * 20)}:`),
    Buffer.alloc(pieceCount * 20, 0x5a),
    Buffer.from('ee'),
  ])

// both make nearly 10 MB, which is as large as a torrent may be
const pieceCount = 490_000
const ofManyPieces = () => torrentOf(`6:lengthi${String(pieceCount * 16_384)}e`, pieceCount)

const fileCount = 75_000
const ofManyFiles = () => {
  const files = Array.from({ length: fileCount }, (_, i) => {
    const name = `file number ${String(i).padStart(8, '0')} with a name of usual length.dat`
    return `d6:lengthi16384e4:pathl${string('folder')}${string(name)}ee`
  })
  return torrentOf(`5:filesl${files.join('')}e`, fileCount)
}

/** @returns {Promise<ReadonlyArray<Kernel>>} */
export const metainfoKernels = async () => {
  const { decodeBencode } = /** @type {typeof import('../../src/codecs/bencode.js')} */ (
    await load('codecs/bencode.js')
  )
  const { decodeMetainfo } = /** @type {typeof import('../../src/codecs/metainfo.js')} */ (
    await load('codecs/metainfo.js')
  )

  return /** @type {const} */ ([
    ['490 000 pieces', ofManyPieces()],
    ['75 000 files', ofManyFiles()],
  ]).flatMap(([what, bytes]) => [
    {
      name: `bencode, torrent of ${what}`,
      count: bytes.length / 1e6,
      unit: 'MB',
      run: () => {
        insist(decodeBencode(bytes)._tag === 'Right', 'not bencode')
      },
    },
    {
      name: `metainfo and infohash, torrent of ${what}`,
      count: bytes.length / 1e6,
      unit: 'MB',
      run: () => {
        const decoded = decodeMetainfo(bytes)
        insist(decoded._tag === 'Right', decoded._tag === 'Left' ? decoded.left._tag : '')
      },
    },
  ])
}
