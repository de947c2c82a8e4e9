import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach } from 'vitest'
import type { StorageLayout } from '../../src/streams/deps.js'
import { fileStorage } from '../../src/streams/node/fileStorage.js'
import type { FileStorageOptions } from '../../src/streams/node/fileStorage.js'
import { createHashPool } from '../../src/streams/node/hashPool.js'
import type { HashPool } from '../../src/streams/node/hashPool.js'
import { openFilesBelow } from './openFilesBelow.js'
import { openStorage } from './storageRun.js'
import type { OpenedStorage } from './storageRun.js'
import { until } from './until.js'

/** A folder of its own for each test, and storages in it that are closed after the test. */
export interface FileLab {
  /** The download folder, which is not there yet. */
  readonly root: () => string
  /** A path beside it. */
  readonly beside: (name: string) => string
  readonly open: (layout: StorageLayout, options?: Partial<FileStorageOptions>) => OpenedStorage
  readonly hashPool: HashPool
  /** The files and links below a folder, sorted. */
  readonly listing: (folder?: string) => ReadonlyArray<string>
  /** What is in a file below the download folder; undefined where it is not. */
  readonly content: (path: string, folder?: string) => Uint8Array | undefined
}

export const fileLab = (): FileLab => {
  const hashPool = createHashPool({ workers: 1 })
  let top = ''
  let opened: OpenedStorage[] = []
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'rxtorrent-'))
    opened = []
  })
  afterEach(async () => {
    for (const { close } of opened) close()
    await until(() => openFilesBelow(top).length === 0)
    rmSync(top, { recursive: true })
  })
  afterAll(() => {
    hashPool.close()
  })
  const root = (): string => join(top, 'downloads')
  return {
    root,
    beside: (name) => join(top, name),
    hashPool,
    open: (layout, options) => {
      const storage = openStorage(fileStorage({ directory: root(), hashPool, ...options }), layout)
      opened.push(storage)
      return storage
    },
    listing: (folder = root()) =>
      existsSync(folder)
        ? readdirSync(folder, { recursive: true, withFileTypes: true })
            .filter((entry) => !entry.isDirectory())
            .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
            .sort()
        : [],
    content: (path, folder = root()) => {
      const file = join(folder, path)
      return existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined
    },
  }
}
