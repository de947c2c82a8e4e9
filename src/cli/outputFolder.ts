import { randomBytes } from 'node:crypto'
import { mkdir, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { defer, from, type Observable } from 'rxjs'
import { exitCode } from './exitCode.js'
import { plainText } from './format/plainText.js'
import { end, type End } from './output.js'
import { systemCode, systemText } from './storageText.js'

/** What keeps a download from being written to a folder, which is made if it is not there. Emits once. */
export const outputObstacle = (folder: string): Observable<End | undefined> =>
  defer(() => from(tryOut(folder)))

const tryOut = async (folder: string): Promise<End | undefined> => {
  try {
    const obstacle = await makeFolder(folder)
    if (obstacle !== undefined) return end(exitCode.disk, obstacle)
  } catch (error) {
    return end(exitCode.disk, systemText('make', folder, error))
  }
  try {
    // What `access` answers is not always what happens. An empty file takes no block of the disk: to free one, as of a
    // folder, can wait behind all that is being written (ext4 with `discard` and no journal: for seconds). A disk that is
    // full is told of by the first write.
    const trial = join(folder, `.rxtorrent-${randomBytes(4).toString('hex')}`)
    await writeFile(trial, '', { flag: 'wx' })
    await unlink(trial)
    return undefined
  } catch (error) {
    return end(exitCode.disk, systemText('write to', folder, error))
  }
}

/** Step by step: a recursive `mkdir` never returns where a folder that is there takes no new one, as in `/proc`. */
const makeFolder = async (folder: string): Promise<string | undefined> => {
  const isFolder = await isFolderThere(folder)
  if (isFolder !== undefined) return isFolder ? undefined : `${plainText(folder)} is not a folder`
  const parent = dirname(folder)
  const obstacle = parent === folder ? undefined : await makeFolder(parent)
  if (obstacle !== undefined) return obstacle
  try {
    await mkdir(folder)
    return undefined
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
    const isThereNow = await isFolderThere(folder)
    return isThereNow === true ? undefined : `${plainText(folder)} is a symlink that leads nowhere`
  }
}

/** Whether what is there is a folder; undefined where nothing is. */
const isFolderThere = async (path: string): Promise<boolean | undefined> => {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}
