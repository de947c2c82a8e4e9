import type { AnnounceResponse } from '../../codecs/announce.js'
import { MAX_ANNOUNCED_PEERS } from '../../codecs/limits.js'

/** What the two families of one UDP tracker say, as one. */
export const joinResponses = (responses: ReadonlyArray<AnnounceResponse>): AnnounceResponse => ({
  interval: Math.max(...responses.map(({ interval }) => interval)),
  minInterval: undefined,
  complete: most(responses.map(({ complete }) => complete)),
  incomplete: most(responses.map(({ incomplete }) => incomplete)),
  trackerId: undefined,
  warning: undefined,
  externalIp: undefined,
  peers: responses.flatMap(({ peers }) => peers).slice(0, MAX_ANNOUNCED_PEERS),
})

const most = (counts: ReadonlyArray<number | undefined>): number | undefined =>
  counts.reduce(
    (largest, count) => (largest === undefined ? count : Math.max(largest, count ?? 0)),
    undefined,
  )
