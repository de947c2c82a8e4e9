import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import type { FileStat } from '../../codecs/resume.js'

/** Whether nobody can have written to a file between two looks, as far as the system tells: not being there counts too. */
export const isSameStat = (a: Option<FileStat>, b: Option<FileStat>): boolean =>
  O.isNone(a) || O.isNone(b)
    ? O.isNone(a) === O.isNone(b)
    : a.value.size === b.value.size && a.value.mtimeMs === b.value.mtimeMs
