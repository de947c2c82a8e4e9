import { pipe } from '#fp/function'
import { orElse } from './orElse.js'
import type { PiecePolicy } from './policy.js'
import { randomFirst } from './randomFirst.js'
import { rarestFirst } from './rarestFirst.js'

/** Four pieces at random, then the rarest (BEP 3). */
export const defaultPiecePolicy: PiecePolicy = pipe(randomFirst(4), orElse(rarestFirst))
