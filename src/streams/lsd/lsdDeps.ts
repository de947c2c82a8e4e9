import type { Clock, Datagrams, Random } from '../deps.js'

/** The outside world of local discovery. */
export interface LsdDeps {
  readonly datagrams: Datagrams
  readonly clock: Clock
  readonly random: Random
  /**
   * Where to speak and listen at present; asked again before announcing. Absent: once for each family, and the system
   * chooses the interface that is sent from.
   */
  readonly interfaces?: () => ReadonlyArray<LsdInterface>
}

export interface LsdInterface {
  readonly family: 4 | 6
  /** As `BindOptions.multicast` takes it. */
  readonly interface?: string
}
