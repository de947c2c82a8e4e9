import { resolve } from 'node:path'
import { oneAtATime } from '../disk/oneAtATime.js'
import type { DhtStore } from '../dht/dhtDeps.js'
import { createSaveFolder, loadResume, saveResume } from './resumeFile.js'

export interface NodeDhtStoreOptions {
  /** The folder; made with the first save where it is not there. */
  readonly directory: string
}

const NAME = 'dht'

/**
 * A routing table as a file `.rxtorrent/dht.resume` in a folder, written whole or not at all, one save at a time.
 *
 * @example
 * ```ts
 * const node = dht({ deps: { store: nodeDhtStore({ directory: 'downloads' }) } })
 * ```
 */
export const nodeDhtStore = ({ directory }: NodeDhtStoreOptions): DhtStore => {
  const root = resolve(directory)
  const folder = createSaveFolder(root)
  const inLine = oneAtATime()
  return {
    load: () => inLine(loadResume(root, NAME)),
    save: (bytes) => inLine(saveResume(folder, NAME, bytes)),
  }
}
