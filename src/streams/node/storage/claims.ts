/** Paths of the files of all storages that are open in this process. */
const claimed = new Set<string>()

/** Claims absolute paths, all or none: answers the first that somebody else has. Each claim is to be given back. */
export const claimPaths = (paths: ReadonlyArray<string>): string | undefined => {
  const rival = paths.find((path) => claimed.has(key(path)))
  if (rival === undefined) for (const path of paths) claimed.add(key(path))
  return rival
}

export const releasePaths = (paths: ReadonlyArray<string>): void => {
  for (const path of paths) claimed.delete(key(path))
}

/** Where the usual file system takes two spellings for one file, so do we. */
const key = (path: string): string =>
  process.platform === 'win32' || process.platform === 'darwin' ? path.normalize('NFC').toLowerCase() : path
