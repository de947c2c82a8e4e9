import { map, type Observable } from 'rxjs'
import { resolve } from 'node:path'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { toHex } from '../../codecs/bytes.js'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import { decodeResume, type ResumeData, resumeInfohash } from '../../codecs/resume.js'
import { fileNames } from './fileNames.js'
import { readResume } from './resumeFile.js'

/** What the last session in the folder left; none where that cannot be read or believed. Answers once; changes nothing. */
export const savedResume = (directory: string, metainfo: Metainfo): Observable<Option<ResumeData>> =>
  readResume(resolve(directory), toHex(resumeInfohash(metainfo))).pipe(
    map((read) =>
      E.isLeft(read) || O.isNone(read.right)
        ? O.none
        : O.fromEither(decodeResume(read.right.value, metainfo, { platform: fileNames })),
    ),
  )
