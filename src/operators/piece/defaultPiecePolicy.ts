import { pipe } from '#fp/function'
import { deadline } from './deadline.js'
import { orElse } from './orElse.js'
import type { PiecePolicy } from './policy.js'
import { randomFirst } from './randomFirst.js'
import { rarestFirst } from './rarestFirst.js'

/** What a reader needs next; else four pieces at random, then the rarest (BEP 3). */
export const defaultPiecePolicy: PiecePolicy = pipe(deadline, orElse(randomFirst(4)), orElse(rarestFirst))
