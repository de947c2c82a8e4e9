import type { FileEntry, Metainfo } from '../../codecs/metainfoModel.js'
import { DEFAULT_PRIORITY } from './pickOrder.js'

/**
 * Priorities for a session that wants only some of a torrent's files: 4, the default, for each file that `predicate`
 * takes, 0 for the others. One entry for each of `metainfo.files`; pad files are not asked about, and count for nothing.
 *
 * @example
 * ```ts
 * const priorities = selectFiles(metainfo, ({ path }) => path.at(-1)?.endsWith('.flac') === true)
 * const torrent = session(metainfo, { directory: 'downloads', priorities })
 * ```
 */
export const selectFiles = (
  metainfo: Pick<Metainfo, 'files'>,
  predicate: (file: FileEntry, index: number) => boolean,
): ReadonlyArray<number> =>
  metainfo.files.map((file, index) => (!file.isPad && predicate(file, index) ? DEFAULT_PRIORITY : 0))
