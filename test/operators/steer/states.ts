import type { SessionState } from '../../../src/operators/session/state.js'
import { createSnapshots } from '../../../src/operators/session/snapshot.js'
import { sessionFixture } from '../../support/sessionFixture.js'

const base = createSnapshots()(sessionFixture().model)

/** A state that is as said, for all that stream policies look at. */
export const stateWith = (said: {
  readonly at?: number
  readonly phase?: SessionState['phase']
  readonly downloaded?: number
  readonly uploaded?: number
  readonly haveBytes?: number
  readonly lifetime?: SessionState['lifetime']
}): SessionState => ({
  ...base,
  at: said.at ?? 0,
  phase: said.phase ?? 'seeding',
  totals: { ...base.totals, downloaded: said.downloaded ?? 0, uploaded: said.uploaded ?? 0 },
  progress: { ...base.progress, haveBytes: said.haveBytes ?? 0 },
  lifetime: said.lifetime ?? { downloaded: said.downloaded ?? 0, uploaded: said.uploaded ?? 0 },
})
