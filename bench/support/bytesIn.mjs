import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Of a file, or of all files below a folder; links are not followed. @param {string} path @returns {number} */
export const bytesIn = (path) => {
  const stats = lstatSync(path)
  if (stats.isDirectory()) return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0)
  return stats.isFile() ? stats.size : 0
}
