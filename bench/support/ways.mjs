import { join } from 'node:path'
import { KiB, makeFile, makeFiles, MiB } from './payload.mjs'

/** @import { Setting } from './scenario.mjs' */

/**
 * A torrent to download, and from how many.
 *
 * @typedef {object} Way
 * @property {string} name
 * @property {(setting: Setting) => string} title
 * @property {(setting: Setting) => string} make the payload; answers its path
 * @property {number} pieceLength
 * @property {number} [seeders]
 * @property {number} [rounds]
 * @property {boolean} [isForAll] every client has a try, and there is a tracker
 * @property {boolean} [isLong] left out of the short form
 * @property {boolean} [isOnce] nobody else needs its payload
 * @property {boolean} [areKept] what was downloaded is deleted at the end only: ext4 looks past each inode that was just given
 * back, which makes five thousand new files take three times as long for whoever comes next
 */

/** @param {number} size MiB */
export const showSize = (size) => (size % 1024 === 0 ? `${String(size / 1024)} GiB` : `${String(size)} MiB`)

/** Five thousand to a gigabyte's scenario. @param {Setting} setting */
const fileCount = ({ size }) => Math.max(1, Math.round((5_000 * size) / 1024))

/** @param {Setting} setting */
const mainFile = ({ lab, size }) => lab.file(size)

/** @type {ReadonlyArray<Way>} */
export const ways = [
  {
    name: 'download-1M',
    title: ({ size }) => `download ${showSize(size)}`,
    make: mainFile,
    pieceLength: MiB,
    rounds: 5,
    isForAll: true,
  },
  {
    name: 'download-4-seeders',
    title: ({ size }) => `${showSize(size)} from 4 seeders`,
    make: mainFile,
    pieceLength: MiB,
    seeders: 4,
  },
  {
    name: 'download-256K',
    title: ({ size }) => `${showSize(size)}, pieces of 256 KiB`,
    make: mainFile,
    pieceLength: 256 * KiB,
  },
  {
    name: 'download-16M',
    title: ({ size }) => `${showSize(size)}, pieces of 16 MiB`,
    make: mainFile,
    pieceLength: 16 * MiB,
  },
  {
    name: 'download-files',
    title: (setting) => `${String(fileCount(setting))} files of 48 KiB`,
    make: (setting) => {
      const path = join(setting.lab.folder('payload'), 'files')
      makeFiles(path, fileCount(setting), 48 * KiB)
      return path
    },
    pieceLength: MiB,
    isOnce: true,
    areKept: true,
  },
  {
    name: 'download-10x',
    title: ({ size }) => `download ${showSize(10 * size)}`,
    make: ({ lab, size }) => {
      const path = join(lab.folder('payload'), 'payload.bin')
      makeFile(path, 10 * size)
      return path
    },
    pieceLength: MiB,
    rounds: 1,
    isLong: true,
    isOnce: true,
  },
]
