// @ts-check
// Plain JavaScript, so that a worker can be started from the sources as well as from the build.

import { createHash, hash } from 'node:crypto'
import { closeSync, constants, lstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort } from 'node:worker_threads'
import { startMerkle } from './merkleDigest.js'

/** @typedef {import('./hashJob.js').HashJob} HashJob */
/** @typedef {import('./hashJob.js').HashAnswer} HashAnswer */
/** @typedef {import('./hashJob.js').HashFile} HashFile */
/** @typedef {Extract<HashJob, { _tag: 'Pieces' }>} PiecesJob */
/** @typedef {ReturnType<typeof startMerkle> | import('node:crypto').Hash} Digest */

const SHA1_BYTES = 20
const MERKLE_BYTES = 32

/**
 * Read and hashed at a time, however long the piece: what stays in a core's own cache. Half as much has twice the calls;
 * with more, machines differ.
 */
const STEP_BYTES = 256 * 1024

/** Never through a symlink, never waiting at a pipe. */
const READ_SAFELY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

const step = Buffer.allocUnsafeSlow(STEP_BYTES)
const zeros = new Uint8Array(64 * 1024)

/**
 * @param {HashJob} job
 * @returns {{ answer: HashAnswer, transfer: ArrayBuffer[] }}
 */
const run = (job) => {
  switch (job._tag) {
    case 'Sha1':
    case 'Merkle': {
      const digest = job._tag === 'Sha1' ? createHash('sha1') : startMerkle(job.pieceLength)
      digest.update(job.bytes)
      return {
        answer: { _tag: 'Digest', id: job.id, digest: new Uint8Array(digest.digest()), bytes: job.bytes },
        transfer: [/** @type {ArrayBuffer} */ (job.bytes.buffer)],
      }
    }
    case 'Pieces':
      return hashPieces(job)
  }
}

/**
 * @param {PiecesJob} job
 * @returns {{ answer: HashAnswer, transfer: ArrayBuffer[] }}
 */
const hashPieces = (job) => {
  const count = job.last - job.first + 1
  const digestBytes = job.pieceHash === 'merkle' ? MERKLE_BYTES : SHA1_BYTES
  const digests = new Uint8Array(count * digestBytes)
  const present = new Uint8Array(count)
  const files = openFiles(job)
  try {
    for (let index = 0; index < count; index += 1) {
      const digest = hashPiece(job, files, job.first + index)
      if (digest === undefined) continue
      digests.set(digest, index * digestBytes)
      present[index] = 1
    }
  } finally {
    files.closeAll()
  }
  return {
    answer: { _tag: 'Pieces', id: job.id, digests, present },
    transfer: [digests.buffer, present.buffer],
  }
}

/**
 * @param {PiecesJob} job
 * @param {ReturnType<typeof openFiles>} files
 * @param {number} piece
 * @returns {Uint8Array | undefined} undefined where a byte of it is not there
 */
const hashPiece = (job, files, piece) => {
  const begin = piece * job.pieceLength
  const isMerkle = job.pieceHash === 'merkle'
  const own = isMerkle ? job.files[files.at(begin)] : undefined
  const end = Math.min(begin + job.pieceLength, own === undefined ? job.length : own.offset + own.length)
  if (begin >= end || !files.hold(begin, end)) return undefined
  // In one call where the whole piece is at hand: of a small one, calls are half the cost.
  const whole = isMerkle ? undefined : files.whole(begin, end)
  if (whole !== undefined) return hash('sha1', whole, 'buffer')
  const digest = isMerkle ? startMerkle(job.pieceLength) : createHash('sha1')
  for (let at = begin; at < end;) {
    const index = files.at(at)
    const file = job.files[index]
    // Between files, where there are no pad files, the stream is zeros too.
    const isOnDisk = file !== undefined && at >= file.offset && file.isOnDisk
    const runEnd = Math.min(
      end,
      file === undefined ? end : at < file.offset ? file.offset : file.offset + file.length,
    )
    if (!isOnDisk) addZeros(digest, runEnd - at)
    else if (!files.add(digest, index, at, runEnd)) return undefined
    at = runEnd
  }
  return digest.digest()
}

/**
 * @param {Digest} digest
 * @param {number} count
 */
const addZeros = (digest, count) => {
  for (let left = count; left > 0; left -= zeros.length) digest.update(zeros.subarray(0, left))
}

/**
 * The job's files, one open at a time.
 *
 * @param {PiecesJob} job
 */
const openFiles = ({ root, files, pieceLength, last, length }) => {
  /** Nothing behind it is read. */
  const jobEnd = Math.min((last + 1) * pieceLength, length)
  /** @type {Map<number, number>} bytes on disk by file; −1 where it is not there */
  const sizes = new Map()
  const realFolders = new Set()
  let current = -1
  let fd = -1
  let cursor = 0
  /** Which bytes of the stream are in `step`, all of the open file. */
  let heldFrom = 0
  let heldTo = 0

  const closeAll = () => {
    if (fd >= 0) closeSync(fd)
    fd = -1
    current = -1
  }

  /** @param {number} index */
  const pathOf = (index) => /** @type {HashFile} */ (files[index]).path

  /** @param {number} index */
  const sizeOf = (index) => {
    const known = sizes.get(index)
    if (known !== undefined) return known
    let size = -1
    try {
      checkFolders(root, pathOf(index), realFolders)
      const stats = lstatSync(join(root, ...pathOf(index)))
      if (!stats.isFile()) throw systemError(stats.isSymbolicLink() ? 'ELOOP' : 'EEXIST')
      size = stats.size
    } catch (error) {
      throwUnlessAbsent(index, error)
    }
    sizes.set(index, size)
    return size
  }

  /**
   * The file that holds the byte of the stream, or the next one. Callers move forward only.
   *
   * @param {number} offset
   */
  const at = (offset) => {
    for (
      let file = files[cursor];
      file !== undefined && file.offset + file.length <= offset;
      file = files[cursor]
    ) {
      cursor += 1
    }
    return cursor
  }

  /**
   * Reads on from a byte of the stream, as much as there is room for. Without closures: it runs for each step.
   *
   * @param {number} index
   * @param {number} from
   */
  const fill = (index, from) => {
    const { start, offset, length: fileLength } = /** @type {HashFile} */ (files[index])
    const room = Math.min(STEP_BYTES, offset + fileLength - from, jobEnd - from)
    heldFrom = from
    heldTo = from
    try {
      if (current !== index) open(index)
      heldTo = from + readSync(fd, step, 0, room, start + from - offset)
    } catch (error) {
      throwUnlessAbsent(index, error)
    }
  }

  /** @param {number} index */
  const open = (index) => {
    closeAll()
    fd = openSync(join(root, ...pathOf(index)), READ_SAFELY)
    current = index
  }

  /**
   * Bytes `from … to` of the stream, or as many of them as are at hand, until the next call; none at the file's end.
   * Small pieces share a read. Callers move forward only.
   *
   * @param {number} index of the file that they are in
   * @param {number} from
   * @param {number} to
   */
  const bytes = (index, from, to) => {
    if (current !== index || from >= heldTo) fill(index, from)
    return from === heldFrom && heldTo === from + STEP_BYTES && to >= heldTo
      ? step
      : step.subarray(from - heldFrom, Math.min(to, heldTo) - heldFrom)
  }

  return {
    closeAll,
    at,

    /**
     * Whether the files are long enough to hold this part of the stream.
     *
     * @param {number} begin
     * @param {number} end
     */
    hold: (begin, end) => {
      for (let index = at(begin); index < files.length; index += 1) {
        const file = /** @type {HashFile} */ (files[index])
        if (file.offset >= end) break
        if (file.isOnDisk && sizeOf(index) < file.start + Math.min(end - file.offset, file.length))
          return false
      }
      return true
    },

    /**
     * The bytes of a piece that is in one file and no longer than a step.
     *
     * @param {number} begin
     * @param {number} end
     */
    whole: (begin, end) => {
      const index = at(begin)
      const file = files[index]
      if (end - begin > STEP_BYTES || file === undefined || !file.isOnDisk) return undefined
      if (begin < file.offset || end > file.offset + file.length) return undefined
      const found = bytes(index, begin, end)
      return found.length === end - begin ? found : undefined
    },

    /**
     * Hashes bytes `from … to` of the stream, all of one file. Answers whether they are there.
     *
     * @param {Digest} digest
     * @param {number} index of the file
     * @param {number} from
     * @param {number} to
     */
    add: (digest, index, from, to) => {
      for (let next = from; next < to;) {
        const found = bytes(index, next, to)
        if (found.length === 0) return false
        digest.update(found)
        next += found.length
      }
      return true
    },
  }
}

/**
 * That a file is not there is an answer; all else that fails ends the job.
 *
 * @param {number} index
 * @param {unknown} error
 */
const throwUnlessAbsent = (index, error) => {
  const code = codeOf(error)
  if (code !== 'ENOENT') throw Object.assign(systemError(code), { file: index })
}

/**
 * Below the root, folders must be real ones.
 *
 * @param {string} root
 * @param {ReadonlyArray<string>} path
 * @param {Set<string>} known
 */
const checkFolders = (root, path, known) => {
  for (let depth = 1; depth < path.length; depth += 1) {
    const folder = join(root, ...path.slice(0, depth))
    if (known.has(folder)) continue
    const stats = lstatSync(folder)
    if (!stats.isDirectory()) throw systemError(stats.isSymbolicLink() ? 'ELOOP' : 'ENOTDIR')
    known.add(folder)
  }
}

/** @param {string} code */
const systemError = (code) => Object.assign(new Error(code), { code })

/** @param {unknown} error */
const codeOf = (error) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO'

/** @param {unknown} error */
const fileOf = (error) =>
  error instanceof Error && 'file' in error && typeof error.file === 'number' ? error.file : -1

if (parentPort !== null) {
  const port = parentPort
  port.on('message', (/** @type {HashJob} */ job) => {
    try {
      const { answer, transfer } = run(job)
      port.postMessage(answer, transfer)
    } catch (error) {
      port.postMessage(
        /** @type {HashAnswer} */ ({ _tag: 'Failed', id: job.id, code: codeOf(error), file: fileOf(error) }),
      )
    }
  })
  port.postMessage(/** @type {HashAnswer} */ ({ _tag: 'Ready' }))
}
