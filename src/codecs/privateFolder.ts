/** The folder of our own below the download folder; no torrent may have files in it. */
export const PRIVATE_FOLDER = '.rxtorrent'

export const isPrivate = (path: ReadonlyArray<string>): boolean => path[0]?.toLowerCase() === PRIVATE_FOLDER
