import { createHash } from 'node:crypto'
import { NEVER, of, startWith } from 'rxjs'
import { load } from '../../kernels/kernel.mjs'

/** @typedef {import('../../../src/streams/index.js').OpenStorage} OpenStorage */
/** @typedef {import('../../../src/streams/index.js').Storage} Storage */

const { decodeMetainfo, makeMetainfo } = /** @type {typeof import('../../../src/index.js')} */ (
  await load('index.js')
)

const pieceLength = 256 * 1024
const digest = createHash('sha1').update(new Uint8Array(pieceLength)).digest()

/** A torrent of nothing but zeros. @param {number} pieces */
export const zerosTorrent = (pieces) => {
  const digests = new Uint8Array(20 * pieces)
  for (let piece = 0; piece < pieces; piece++) digests.set(digest, 20 * piece)
  const made = makeMetainfo({ name: 'zeros', content: pieces * pieceLength, pieceLength, pieces: digests })
  if (made._tag === 'Left') throw new Error(JSON.stringify(made.left))
  const metainfo = decodeMetainfo(made.right)
  if (metainfo._tag === 'Left') throw new Error(JSON.stringify(metainfo.left))
  return metainfo.right
}

/**
 * A disk that is free of charge: it forgets what is written, and reads zeros.
 *
 * @param {boolean} isFull all is there at the start
 * @returns {OpenStorage}
 */
export const zerosDisk = (isFull) => () => {
  const zeros = new Uint8Array(1024 * 1024)
  const done$ = of(/** @type {const} */ ({ _tag: 'Right', right: undefined }))
  /** @type {Storage} */
  const storage = {
    read: (_offset, length) =>
      of({
        _tag: 'Right',
        right: length <= zeros.length ? zeros.subarray(0, length) : new Uint8Array(length),
      }),
    write: () => done$,
    flush: () => done$,
    hashPieces: (first, last) => {
      const count = last - first + 1
      const digests = new Uint8Array(20 * count)
      for (let i = 0; i < count; i++) digests.set(digest, 20 * i)
      return of({
        _tag: 'Right',
        right: { first, digests, present: new Uint8Array(count).fill(isFull ? 1 : 0) },
      })
    },
  }
  return NEVER.pipe(startWith(/** @type {const} */ ({ _tag: 'Right', right: storage })))
}
