import { lstat } from 'node:fs'
import { join } from 'node:path'
import { map, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import { toHex } from '../../codecs/bytes.js'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import { resumeInfohash } from '../../codecs/resume.js'
import { fsStep } from './fsCall.js'
import { resumePath } from './storage/tree.js'

/**
 * Whether an earlier run left resume data of the torrent in the folder: what lies there of it is its own then, and a
 * session goes on with it. Whether the data still hold is found out by the session. Cold; answers once. Where the
 * folder cannot be looked at the answer is true: whoever writes there finds out why.
 *
 * @example
 * ```ts
 * hasResume('downloads', metainfo).subscribe((isOurs) => console.log(isOurs ? 'going on' : 'starting'))
 * ```
 */
export const hasResume = (directory: string, metainfo: Pick<Metainfo, 'infohash'>): Observable<boolean> =>
  fsStep((done) => {
    lstat(join(directory, ...resumePath(toHex(resumeInfohash(metainfo)))), done)
  }).pipe(map((answer) => E.isRight(answer) || (answer.left !== 'ENOENT' && answer.left !== 'ENOTDIR')))
