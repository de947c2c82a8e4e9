/**
 * What the bare loop reads from a torrent file. Ours alone are fed to it: nothing is checked.
 *
 * @typedef {object} BareTorrent
 * @property {ReadonlyArray<BareFile>} files
 * @property {number} length
 * @property {number} pieceLength
 * @property {Buffer} hashes
 */

/** @typedef {{ readonly path: string, readonly length: number }} BareFile */

/**
 * @param {string} text bencoded, a character a byte
 * @returns {unknown}
 */
const decode = (text) => {
  let at = 0
  /** @returns {unknown} */
  const value = () => {
    const kind = text[at]
    if (kind === 'i') {
      const end = text.indexOf('e', at)
      const number = Number(text.slice(at + 1, end))
      at = end + 1
      return number
    }
    if (kind === 'l' || kind === 'd') {
      at += 1
      /** @type {unknown[]} */
      const items = []
      while (text[at] !== 'e') items.push(value())
      at += 1
      if (kind === 'l') return items
      return Object.fromEntries(items.flatMap((item, i) => (i % 2 === 0 ? [[item, items[i + 1]]] : [])))
    }
    const start = text.indexOf(':', at) + 1
    at = start + Number(text.slice(at, start - 1))
    return text.slice(start, at)
  }
  return value()
}

/**
 * @typedef {object} Info
 * @property {string} name
 * @property {number} [length]
 * @property {ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly length: number }>} [files]
 * @property {string} pieces
 */

/** @param {string} text @returns {BareTorrent} */
export const readBareTorrent = (text) => {
  const { info } = /** @type {{ readonly info: Info & { readonly 'piece length': number } }} */ (decode(text))
  const files = info.files?.map(({ path, length }) => ({ path: [info.name, ...path].join('/'), length })) ?? [
    { path: info.name, length: info.length ?? 0 },
  ]
  return {
    files,
    length: files.reduce((sum, { length }) => sum + length, 0),
    pieceLength: info['piece length'],
    hashes: Buffer.from(info.pieces, 'latin1'),
  }
}
