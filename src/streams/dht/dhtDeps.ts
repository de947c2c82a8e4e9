import type { Observable } from 'rxjs'
import type { Either } from '#fp/Either'
import type { Option } from '#fp/Option'
import type { Clock, Datagrams, Random } from '../deps.js'

/** The outside world of a DHT node. */
export interface DhtDeps {
  readonly datagrams: Datagrams
  readonly clock: Clock
  readonly random: Random
  /** Where the routing table is kept; absent: nowhere, and every start asks the bootstrap hosts. */
  readonly store?: DhtStore
  /**
   * The IP addresses of a name; nothing where it has none. Cold; emits once and completes. Absent: only addresses are
   * known.
   */
  readonly lookUp?: (host: string) => Observable<ReadonlyArray<string>>
}

/** Keeps one routing table. Cold; each emits once and completes; a `Left` is the system's code. */
export interface DhtStore {
  /** None where nothing was saved. */
  readonly load: () => Observable<Either<string, Option<Uint8Array>>>
  /** Replaces what was saved, as a whole or not at all. Once begun it goes on although nobody listens. */
  readonly save: (bytes: Uint8Array) => Observable<Either<string, void>>
}
