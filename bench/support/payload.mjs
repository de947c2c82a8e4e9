import { execFileSync } from 'node:child_process'
import { createCipheriv } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const python = '/usr/bin/python3'
export const payloadName = 'payload.bin'

const MiB = 1024 * 1024
const makeTorrentScript = fileURLToPath(new URL('../../test/interop/support/makeTorrent.py', import.meta.url))

/**
 * A file of bytes that look random.
 *
 * @param {string} folder
 * @param {number} size MiB
 */
export const makePayload = (folder, size) => {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16))
  const zeros = Buffer.alloc(MiB)
  const file = openSync(join(folder, payloadName), 'w')
  for (let i = 0; i < size; i++) writeSync(file, cipher.update(zeros))
  closeSync(file)
}

/**
 * A torrent of the payload in pieces of 1 MiB; answers its infohash in hex.
 *
 * @param {string} folder
 * @param {string} output
 * @param {string} announce
 */
export const makeTorrent = (folder, output, announce) =>
  execFileSync(
    python,
    [
      makeTorrentScript,
      join(folder, payloadName),
      output,
      '--piece-length',
      String(MiB),
      '--announce',
      announce,
    ],
    { encoding: 'utf8' },
  ).trim()
