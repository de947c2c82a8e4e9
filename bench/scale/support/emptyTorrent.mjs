import { NEVER, of, startWith } from 'rxjs'
import { load } from '../../kernels/kernel.mjs'

/** @typedef {import('../../../src/streams/index.js').OpenStorage} OpenStorage */
/** @typedef {import('../../../src/streams/index.js').Storage} Storage */
/** @typedef {import('../../../src/index.js').Metainfo} Metainfo */

const { decodeMetainfo, makeMetainfo } = /** @type {typeof import('../../../src/index.js')} */ (
  await load('index.js')
)

/** A torrent of pieces of 256 KiB whose data nobody has. @param {number} pieces @returns {Metainfo} */
export const emptyTorrent = (pieces) => {
  const pieceLength = 256 * 1024
  const made = makeMetainfo({
    name: `of-${String(pieces)}`,
    content: pieces * pieceLength,
    pieceLength,
    pieces: new Uint8Array(20 * pieces).fill(1),
  })
  if (made._tag === 'Left') throw new Error(JSON.stringify(made.left))
  const metainfo = decodeMetainfo(made.right)
  if (metainfo._tag === 'Left') throw new Error(JSON.stringify(metainfo.left))
  return metainfo.right
}

/** A disk with nothing on it, for who never writes. @type {OpenStorage} */
export const emptyDisk = () => {
  /** @type {Storage} */
  const storage = {
    read: () => NEVER,
    write: () => NEVER,
    flush: () => of({ _tag: 'Right', right: undefined }),
    hashPieces: (first, last) => {
      const count = last - first + 1
      return of({
        _tag: 'Right',
        right: { first, digests: new Uint8Array(20 * count), present: new Uint8Array(count) },
      })
    },
  }
  return NEVER.pipe(startWith(/** @type {const} */ ({ _tag: 'Right', right: storage })))
}

/** @param {import('../../../src/index.js').Metainfo} metainfo */
export const infohashOf = ({ infohash }) => {
  if (infohash.v1._tag === 'None') throw new Error('no infohash')
  return Buffer.from(infohash.v1.value).toString('hex')
}
