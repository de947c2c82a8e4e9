import { bySeeding } from './bySeeding.js'
import { withOptimistic } from './optimistic.js'
import type { ChokePolicy } from './policy.js'
import { seedRoundRobin } from './seedRoundRobin.js'
import { titForTat } from './titForTat.js'

/** Tit-for-tat with optimistic unchokes while downloading (BEP 3), round robin while seeding. */
export const defaultChoke: ChokePolicy = bySeeding({
  downloading: withOptimistic(titForTat),
  seeding: seedRoundRobin,
})
