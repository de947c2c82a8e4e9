import { readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import * as E from '#fp/Either'
import { makeMetainfo } from '../index.js'
import { plainText } from './format/plainText.js'

/** What keeps a file or folder from being in a torrent by its name, in one line; undefined where nothing is found. */
export const awkwardName = async (path: string): Promise<string | undefined> =>
  problemOf(path, basename(resolve(path))) ?? (await problemBelow(path))

const problemBelow = async (folder: string): Promise<string | undefined> => {
  const seen = new Map<string, string>()
  const entries = await readdir(folder, { withFileTypes: true })
  for (const { name } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, name)
    const twin = seen.get(folded(name))
    if (twin !== undefined) return `${plainText(twin)} and ${plainText(path)} ${difference(twin, path)}`
    seen.set(folded(name), path)
    const problem = problemOf(path, name)
    if (problem !== undefined) return problem
  }
  for (const entry of entries) {
    const problem = entry.isDirectory() ? await problemBelow(join(folder, entry.name)) : undefined
    if (problem !== undefined) return problem
  }
  return undefined
}

const problemOf = (path: string, name: string): string | undefined => {
  if (isPossible(name)) return undefined
  return /\p{Cc}/u.test(name)
    ? `${plainText(path)} has control characters in its name`
    : `${plainText(path)} has a name that some systems cannot have`
}

/** The torrent of one byte by this name is the judge. */
const isPossible = (name: string): boolean =>
  E.isRight(makeMetainfo({ name, content: 1, pieceLength: 16_384, pieces: new Uint8Array(20) }))

const folded = (name: string): string => name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC')

const difference = (one: string, other: string): string =>
  one.toLowerCase() === other.toLowerCase()
    ? 'differ only in case: some systems take them for the same'
    : 'are written differently, but some systems take them for the same'
