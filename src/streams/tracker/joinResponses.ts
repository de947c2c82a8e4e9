import type { AnnounceResponse } from '../../codecs/announce.js'
import { MAX_ANNOUNCED_PEERS } from '../../codecs/limits.js'

/** What the two families of one tracker say, as one. */
export const joinResponses = (responses: ReadonlyArray<AnnounceResponse>): AnnounceResponse => ({
  interval: Math.max(...responses.map(({ interval }) => interval)),
  minInterval: most(responses.map(({ minInterval }) => minInterval)),
  complete: most(responses.map(({ complete }) => complete)),
  incomplete: most(responses.map(({ incomplete }) => incomplete)),
  trackerId: first(responses.map(({ trackerId }) => trackerId)),
  warning: first(responses.map(({ warning }) => warning)),
  externalIp: first(responses.map(({ externalIp }) => externalIp)),
  peers: responses.flatMap(({ peers }) => peers).slice(0, MAX_ANNOUNCED_PEERS),
})

const most = (counts: ReadonlyArray<number | undefined>): number | undefined =>
  counts.reduce(
    (largest, count) => (largest === undefined ? count : Math.max(largest, count ?? 0)),
    undefined,
  )

const first = <A>(values: ReadonlyArray<A | undefined>): A | undefined =>
  values.find((value) => value !== undefined)
