import { execFileSync } from 'node:child_process'
import { createCipheriv } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const python = '/usr/bin/python3'

export const KiB = 1024
export const MiB = 1024 * KiB
export const makeTorrentScript = fileURLToPath(
  new URL('../../test/interop/support/makeTorrent.py', import.meta.url),
)

/** Bytes that look random, the same in every run. */
const createNoise = () => createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16))

/**
 * @param {string} path
 * @param {number} size MiB
 */
export const makeFile = (path, size) => {
  const noise = createNoise()
  const zeros = Buffer.alloc(MiB)
  const file = openSync(path, 'w')
  for (let i = 0; i < size; i++) writeSync(file, noise.update(zeros))
  // else it is written back while others are measured
  fsyncSync(file)
  closeSync(file)
}

/**
 * A folder of small files.
 *
 * @param {string} path
 * @param {number} count
 * @param {number} length bytes of each
 */
export const makeFiles = (path, count, length) => {
  const noise = createNoise()
  const zeros = Buffer.alloc(length)
  mkdirSync(path)
  for (let i = 0; i < count; i++) {
    const file = openSync(join(path, `${String(i).padStart(5, '0')}.bin`), 'w')
    writeSync(file, noise.update(zeros))
    closeSync(file)
  }
}

/**
 * A torrent of a file or folder; answers its infohash in hex.
 *
 * @param {object} options
 * @param {string} options.path
 * @param {string} options.output
 * @param {number} options.pieceLength
 * @param {string} [options.announce]
 */
export const makeTorrent = ({ path, output, pieceLength, announce }) =>
  execFileSync(
    python,
    [
      ...[makeTorrentScript, path, output, '--piece-length', String(pieceLength)],
      ...(announce === undefined ? [] : ['--announce', announce]),
    ],
    { encoding: 'utf8' },
  ).trim()
