import * as O from '#fp/Option'
import type { PieceIndex } from './policy.js'

/** The answer for an index that a context's search gave: none for -1. */
export const pickedAt = (index: number): O.Option<PieceIndex> => (index < 0 ? O.none : O.some(index))
