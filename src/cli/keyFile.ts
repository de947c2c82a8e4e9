import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { defer, from, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { exitCode } from './exitCode.js'
import { plainText } from './format/plainText.js'
import { end, type End } from './output.js'
import { systemCode, systemText } from './storageText.js'

const SEED_BYTES = 32

/**
 * The secret seed of a key, from a file of 64 hex digits; where there is none, one is made that only its owner can read.
 * Emits once.
 */
export const keyFile = (path: string): Observable<Either<End, Uint8Array>> => defer(() => from(readKey(path)))

const readKey = async (path: string): Promise<Either<End, Uint8Array>> => {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    return systemCode(error) === 'ENOENT'
      ? makeKey(path)
      : E.left(end(exitCode.disk, systemText('read', path, error)))
  }
  const digits = text.trim()
  return /^[0-9a-f]{64}$/i.test(digits)
    ? E.right(new Uint8Array(Buffer.from(digits, 'hex')))
    : E.left(end(exitCode.usage, `${plainText(path)} is no key: 64 hex digits were expected`))
}

const makeKey = async (path: string): Promise<Either<End, Uint8Array>> => {
  const seed = randomBytes(SEED_BYTES)
  try {
    await writeFile(path, `${seed.toString('hex')}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    return E.left(end(exitCode.disk, systemText('write', path, error)))
  }
  return E.right(new Uint8Array(seed))
}
