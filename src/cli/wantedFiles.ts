import { map, of, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import { savedPriorities, selectFiles, wantsFile, type Magnet, type Metainfo } from '../index.js'
import { exitCode } from './exitCode.js'
import { chooseFiles, choiceOf, choiceText, type FileChoice } from './fileChoice.js'
import { formatCount } from './format/count.js'
import { plainText } from './format/plainText.js'
import { end, type End } from './output.js'

/** What a command is about. */
export interface WantedFiles {
  /** By file, see `selectFiles`. */
  readonly priorities: ReadonlyArray<number>
  /** The `--select` that comes to the same; empty where nothing is left out. */
  readonly choice: string
  /** Said to people, where it was not they who chose; else undefined. */
  readonly note: string | undefined
}

/** The files that `--select` names; all of them where it names none. */
export const chosenFiles = (
  metainfo: Metainfo,
  select: ReadonlyArray<FileChoice>,
): Either<End, WantedFiles> => {
  if (select.length === 0) return E.right(allFiles(metainfo))
  const { isChosen, futile } = chooseFiles(metainfo, select)
  return futile.length === 0
    ? E.right({
        priorities: selectFiles(metainfo, (_, index) => isChosen[index] === true),
        choice: select.map(choiceText).join(','),
        note: undefined,
      })
    : E.left(
        end(
          exitCode.usage,
          `--select: no file of ${plainText(metainfo.name)} is ${futile.map(plainText).join(', or ')} (see rxtorrent info)`,
        ),
      )
}

/** `chosenFiles`; where `--select` names none, those that the last run in the folder wanted. Emits once. */
export const chosenOrSaved = (
  metainfo: Metainfo,
  select: ReadonlyArray<FileChoice>,
  directory: string,
): Observable<Either<End, WantedFiles>> =>
  select.length > 0
    ? of(chosenFiles(metainfo, select))
    : savedPriorities(directory, metainfo).pipe(
        map(
          O.match(
            () => allFiles(metainfo),
            (saved) => asSaved(metainfo, saved),
          ),
        ),
        map(E.right),
      )

const allFiles = (metainfo: Metainfo): WantedFiles => ({
  priorities: selectFiles(metainfo, () => true),
  choice: '',
  note: undefined,
})

/** Those that a magnet link selects; one that selects nothing that there is means no less than all. */
export const linkedFiles = (metainfo: Metainfo, magnet: Magnet): WantedFiles => {
  const priorities = selectFiles(metainfo, (_, index) => wantsFile(magnet, index))
  const choice = choiceOf(
    metainfo,
    priorities.map((priority) => priority > 0),
  )
  if (choice === '')
    return { ...allFiles(metainfo), note: 'the link selects no file of this torrent: all are fetched' }
  return filesLeftOut(metainfo, priorities).length === 0
    ? allFiles(metainfo)
    : { priorities, choice, note: undefined }
}

const asSaved = (metainfo: Metainfo, priorities: ReadonlyArray<number>): WantedFiles => {
  const isChosen = priorities.map((priority) => priority > 0)
  const leftOut = filesLeftOut(metainfo, priorities).length
  const choice = choiceOf(metainfo, isChosen)
  // Who wanted nothing at all has nothing to ask about.
  if (leftOut === 0 || choice === '') return allFiles(metainfo)
  return {
    priorities,
    choice,
    note: `${formatCount(leftOut, 'file')} left out, as in the last run (--select '*' takes all)`,
  }
}

/** Paths of the files that are not wanted. */
export const filesLeftOut = (
  { files }: Pick<Metainfo, 'files'>,
  priorities: ReadonlyArray<number>,
): ReadonlyArray<string> =>
  files.filter(({ isPad }, index) => !isPad && priorities[index] === 0).map(({ path }) => path.join('/'))
