import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { defer, from, map, of, switchMap, type Observable } from 'rxjs'
import { hasResume, type Metainfo } from '../index.js'
import { exitCode } from './exitCode.js'
import { end, type End } from './output.js'
import { shellQuote } from './shellQuote.js'
import { systemText } from './storageText.js'

/**
 * What is wrong with a `--data`: nothing of the torrent is in it. Emits once; undefined where something is, or may be under
 * a name that an earlier run gave it.
 */
export const dataMissing = (metainfo: Metainfo, directory: string): Observable<End | undefined> =>
  defer(() => from(lookInto(directory, metainfo.name))).pipe(
    switchMap((missing) =>
      missing === undefined
        ? of(missing)
        : hasResume(directory, metainfo).pipe(map((isOurs) => (isOurs ? undefined : missing))),
    ),
  )

const lookInto = async (directory: string, name: string): Promise<End | undefined> => {
  const place = join(directory, name)
  try {
    await stat(place)
    return undefined
  } catch (error) {
    const isOneTooDeep = basename(resolve(directory)) === name
    const hint = isOneTooDeep ? `; did you mean --data ${shellQuote(dirname(directory))} ?` : ''
    return end(exitCode.disk, systemText('read', place, error) + hint)
  }
}
