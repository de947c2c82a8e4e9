import type { PathPlatform } from '../../codecs/safePath.js'

/** The rules that file names follow here. */
export const fileNames: PathPlatform = process.platform === 'win32' ? 'windows' : 'posix'
