import { createCipheriv } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** File lengths by path below the root. */
export type Payload = Readonly<Record<string, number>>

const MiB = 1024 * 1024

/** Empty, tiny, block-sized and odd files, in folders, with names of any script; no piece boundary on a file's. */
export const mixedPayload: Payload = {
  'a single byte.txt': 1,
  'empty.dat': 0,
  'docs/block.bin': 16_384,
  'docs/block and one.bin': 16_385,
  'docs/empty too.dat': 0,
  'docs/small.bin': 1_000,
  'music/01 Größe.flac': 3 * MiB + 17,
  'music/02 夜.flac': 5 * MiB - 1,
  'video.bin': 2 * MiB + 333,
}

export const totalSize = (payload: Payload): number => Object.values(payload).reduce((a, b) => a + b, 0)

/** Bytes that look random and are the same in every run. */
export const pseudoRandomBytes = (length: number, seed: string): Uint8Array => {
  const key = Buffer.alloc(16)
  key.write(seed.slice(-16))
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length))
}

/** Writes the payload below `folder/name`. */
export const makePayload = (folder: string, name: string, payload: Payload): void => {
  for (const [path, length] of Object.entries(payload)) {
    const file = join(folder, name, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, pseudoRandomBytes(length, `${String(length)} ${path}`))
  }
}
