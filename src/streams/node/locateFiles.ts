import { map, type Observable } from 'rxjs'
import * as O from '#fp/Option'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import type { StorageLayout } from '../deps.js'
import { layoutOf, withRenamed } from '../storageLayout.js'
import { savedResume } from './savedResume.js'

/**
 * Where the files of a torrent are below `directory`: under the names that a session gave them, as far as the resume data
 * there can be read, else under the torrent's own. Cold; answers once; changes nothing.
 */
export const locateFiles = (directory: string, metainfo: Metainfo): Observable<StorageLayout> =>
  savedResume(directory, metainfo).pipe(
    map((saved) => withRenamed(layoutOf(metainfo), O.isSome(saved) ? saved.value.renamed : [])),
  )
