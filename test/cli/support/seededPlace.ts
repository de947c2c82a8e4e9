import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type MadeTorrent, writeFiles } from '../../support/makeTorrent.js'
import { tempDir } from '../../support/tempDir.js'

export interface Place {
  /** The .torrent file. */
  readonly path: string
  /** A folder that has its data. */
  readonly data: string
  /** One that is not there yet. */
  readonly downloads: string
}

/** A torrent on disk, with its data and somewhere to download to. */
export const seededPlace = async (torrent: MadeTorrent): Promise<Place> => {
  const folder = await tempDir()
  const path = join(folder, 'test.torrent')
  const data = join(folder, 'seeded')
  await writeFile(path, torrent.bytes)
  await writeFiles(torrent, data)
  return { path, data, downloads: join(folder, 'downloads') }
}
