import type { Stats } from 'node:fs'
import { dirname } from 'node:path'
import { map, of } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import { andThen } from '../../disk/andThen.js'
import type { SystemResult } from '../fsCall.js'
import { lstatOf } from './fileCalls.js'

/**
 * What a target is to a move that is done again: `linked`, another name of the source; `moved`, all that there is, with
 * no source or one that holds nothing more; `other`, somebody else's.
 */
export type Placed = 'linked' | 'moved' | 'other'

interface Pair {
  readonly source: Stats | undefined
  readonly target: Stats
  readonly from: string
  readonly to: string
  /** What the journal of a move that was broken off says of the file. */
  readonly size: number | undefined
}

export const placedBefore = ({ source, target, from, to, size }: Pair): Observable<SystemResult<Placed>> => {
  if (!target.isFile()) return of(E.right<string, Placed>('other'))
  if (source !== undefined && isSame(source, target)) {
    if (target.nlink < 2) return of(E.right<string, Placed>('other'))
    // Two mounts may show one folder: then it is one name, whatever other names there are.
    return lstatOf(dirname(from)).pipe(
      andThen((one) =>
        lstatOf(dirname(to)).pipe(map(E.map((other): Placed => (isSame(one, other) ? 'other' : 'linked')))),
      ),
    )
  }
  const isWhole =
    target.size === size && (source === undefined || source.size === 0 || isCopy(source, target))
  return of(E.right<string, Placed>(isWhole ? 'moved' : 'other'))
}

const isSame = (a: Stats, b: Stats): boolean => a.dev === b.dev && a.ino === b.ino

/** A copy has the time of what it was made from, as exactly as it can be set. */
const isCopy = (source: Stats, target: Stats): boolean =>
  source.size === target.size && Math.abs(source.mtimeMs - target.mtimeMs) < 1
