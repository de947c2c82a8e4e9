import { resolve, sep } from 'node:path'

/**
 * Where the paths of a torrent lead below a folder: what `join` says, in a tenth of its time, for a torrent may have ten
 * thousand. A name in such a path is never empty, a dot or two, and has no separator: there is nothing to tidy.
 */
export const pathsBelow = (root: string): ((path: ReadonlyArray<string>) => string) => {
  const folder = resolve(root)
  const start = folder.endsWith(sep) ? folder : folder + sep
  return (path) => (path.length === 0 ? folder : start + path.join(sep))
}
