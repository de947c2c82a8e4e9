import { randomBytes } from 'node:crypto'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { defer, from, map, type Observable } from 'rxjs'

const MIB = 1024 * 1024

/** What the demonstration shares: sizes that end in the middle of pieces, and a file that is empty. */
const FILES: ReadonlyArray<readonly [path: string, length: number]> = [
  ['empty.txt', 0],
  ['films/one.bin', 20 * MIB],
  ['films/two.bin', 15 * MIB + 4_321],
  ['pictures/01.bin', 3 * MIB - 1],
  ['pictures/02.bin', 2 * MIB + 77_777],
  ['pictures/03.bin', 3 * MIB - 100_000],
  ['pictures/04.bin', 2 * MIB + 1],
  ['sound.bin', 3 * MIB],
  ['text.txt', 17_899],
]

export const sampleName = 'sample'
export const sampleFileCount = FILES.length
export const sampleSize = FILES.reduce((sum, [, length]) => sum + length, 0)

const random = promisify(randomBytes)

/** Writes the sample, of random bytes, below `parent`. Cold; emits once it is written. */
export const writeSample = (parent: string): Observable<void> =>
  defer(() =>
    from(Promise.all(FILES.map(([path, length]) => writeRandom(join(parent, sampleName, path), length)))),
  ).pipe(map(() => undefined))

const writeRandom = async (path: string, length: number): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, await random(length))
}

/** The sample once more. Cold; emits once it is there. */
export const copySample = (source: string, to: string): Observable<void> =>
  defer(() => from(cp(source, to, { recursive: true })))

/** Paths of the sample's files that are not the same below both folders. Cold; emits once. */
export const differences = (one: string, other: string): Observable<ReadonlyArray<string>> =>
  defer(() => from(compare(one, other)))

const compare = async (one: string, other: string): Promise<ReadonlyArray<string>> => {
  const different: string[] = []
  for (const [path] of FILES) {
    const [a, b] = await Promise.all([one, other].map((parent) => readFile(join(parent, sampleName, path))))
    if (a === undefined || b === undefined || !a.equals(b)) different.push(path)
  }
  return different
}
