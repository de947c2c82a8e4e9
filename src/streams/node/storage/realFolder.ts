import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/** Where a folder really is, or will be once it is made. Blocks: for what happens once per torrent. */
export const realFolder = (directory: string): string => {
  const folder = resolve(directory)
  try {
    return realpathSync(folder)
  } catch {
    const parent = dirname(folder)
    return parent === folder ? folder : join(realFolder(parent), basename(folder))
  }
}
