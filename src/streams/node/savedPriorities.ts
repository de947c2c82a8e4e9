import { map, type Observable } from 'rxjs'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import { savedResume } from './savedResume.js'

/**
 * The priorities that the last session in the folder left in its resume data: by file, 0 for one that is not wanted. None
 * where there are no resume data, or none that can be read. Cold; answers once; changes nothing.
 *
 * @example
 * ```ts
 * savedPriorities('downloads', metainfo).pipe(
 *   switchMap((saved) => verifyData(metainfo, 'downloads', O.isSome(saved) ? { priorities: saved.value } : {})),
 * )
 * ```
 */
export const savedPriorities = (
  directory: string,
  metainfo: Metainfo,
): Observable<Option<ReadonlyArray<number>>> =>
  savedResume(directory, metainfo).pipe(map(O.map(({ priorities }) => priorities)))
