import { map, type Observable } from 'rxjs'
import { resolve } from 'node:path'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { toHex } from '../../codecs/bytes.js'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import { decodeResume, resumeInfohash } from '../../codecs/resume.js'
import { readResume } from './resumeFile.js'

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
  readResume(resolve(directory), toHex(resumeInfohash(metainfo))).pipe(
    map((read) =>
      E.isLeft(read) || O.isNone(read.right)
        ? O.none
        : O.fromEither(
            E.map(({ priorities }: { readonly priorities: ReadonlyArray<number> }) => priorities)(
              decodeResume(read.right.value, metainfo),
            ),
          ),
    ),
  )
