import { map, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { toHex } from '../../codecs/bytes.js'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import { decodeResume, resumeInfohash } from '../../codecs/resume.js'
import type { StorageLayout } from '../deps.js'
import { layoutOf, withRenamed } from '../storageLayout.js'
import { fileNames } from './fileNames.js'
import { nodeResumeStore } from './resumeStore.js'

/**
 * Where the files of a torrent are below `directory`: under the names that a session gave them, as far as the resume data
 * there can be read, else under the torrent's own. Cold; answers once.
 */
export const locateFiles = (metainfo: Metainfo, directory: string): Observable<StorageLayout> => {
  const layout = layoutOf(metainfo)
  return nodeResumeStore({ directory })
    .load(toHex(resumeInfohash(metainfo)))
    .pipe(
      map((kept) => {
        if (E.isLeft(kept) || O.isNone(kept.right)) return layout
        const data = decodeResume(kept.right.value, metainfo, { platform: fileNames })
        return E.isLeft(data) ? layout : withRenamed(layout, data.right.renamed)
      }),
    )
}
