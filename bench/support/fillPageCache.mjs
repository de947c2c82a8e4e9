import { closeSync, openSync, readSync } from 'node:fs'
import { MiB } from './payload.mjs'

const buffer = Buffer.alloc(MiB)

/**
 * Reads a file, so that the page cache holds it for whoever comes next: aria2 asks the system to forget what it has checked,
 * and the next in turn would read it from the device.
 *
 * @param {string} path
 */
export const fillPageCache = (path) => {
  const file = openSync(path, 'r')
  while (readSync(file, buffer) > 0);
  closeSync(file)
}
