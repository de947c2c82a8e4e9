import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { defer, firstValueFrom, from, of, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { hasResume, type Metainfo } from '../index.js'
import type { OnConflict } from './action.js'
import { exitCode } from './exitCode.js'
import { plainText } from './format/plainText.js'
import { end, type End } from './output.js'
import { systemCode } from './storageText.js'

/** Other names tried, `photos (2)` the first of them. */
const MOST_NAMES = 1_000

/**
 * The folder to download into, where files of the torrent are there already that no earlier run left: the one asked
 * for (`use`), none (`fail`), or a new one beside them (`rename`). Emits once.
 *
 * What an earlier run left is known by its resume data, which lies in the same folder.
 */
export const settleConflict = (
  metainfo: Metainfo,
  directory: string,
  onConflict: OnConflict,
): Observable<Either<End, string>> =>
  onConflict === 'use'
    ? of(E.right(directory))
    : defer(() => from(onConflict === 'fail' ? refuse(metainfo, directory) : rename(metainfo, directory)))

const refuse = async (metainfo: Metainfo, directory: string): Promise<Either<End, string>> => {
  const rival = (await isOurs(metainfo, directory)) ? undefined : await firstThere(metainfo, directory)
  return rival === undefined
    ? E.right(directory)
    : E.left(
        end(
          exitCode.disk,
          `${plainText(rival)} is there already (--on-conflict use takes what is right of it, and overwrites the rest)`,
        ),
      )
}

const rename = async (metainfo: Metainfo, directory: string): Promise<Either<End, string>> => {
  let free: string | undefined
  for (let number = 1; number <= MOST_NAMES; number += 1) {
    const folder = number === 1 ? directory : join(directory, `${metainfo.name} (${String(number)})`)
    if (await isOurs(metainfo, folder)) return E.right(folder)
    const isFree =
      number === 1 ? (await firstThere(metainfo, folder)) === undefined : !(await isThere(folder))
    if (isFree) free ??= folder
    // What comes after a number that nobody took was never made.
    if (number > 1 && isFree) break
  }
  return free === undefined
    ? E.left(
        end(
          exitCode.disk,
          `${plainText(directory)}: no name is left for another ${plainText(metainfo.name)}`,
        ),
      )
    : E.right(free)
}

const isOurs = (metainfo: Metainfo, directory: string): Promise<boolean> =>
  firstValueFrom(hasResume(directory, metainfo), { defaultValue: true })

const firstThere = async ({ name, files }: Metainfo, directory: string): Promise<string | undefined> => {
  const root = join(directory, name)
  // A file where the torrent has a folder.
  if (files.some(({ path }) => path.length > 1) && (await isOther(root))) return root
  for (const { path, isPad } of files) {
    const place = join(directory, ...path)
    if (!isPad && (await isThere(place))) return place
  }
  return undefined
}

const isOther = async (folder: string): Promise<boolean> => {
  try {
    return !(await lstat(folder)).isDirectory()
  } catch {
    return false
  }
}

const isThere = async (path: string): Promise<boolean> => {
  try {
    await lstat(path)
    return true
  } catch (error) {
    // What cannot be looked at is found out by who writes there.
    return systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR'
  }
}
