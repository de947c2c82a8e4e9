import type { Observable } from 'rxjs'
import type { Either } from '#fp/Either'
import type { Option } from '#fp/Option'
import type { PortMappingMethod, PortMappingProblem, PortToMap } from './portMappingState.js'

/** A gateway that was found, and how to talk to it. Every call is cold, emits once and completes, in a few seconds. */
export interface Mapper {
  /** Maps a port, or renews its mapping: best at `externalPort`. */
  readonly map: (port: PortToMap, externalPort: number) => Observable<Either<PortMappingProblem, Lease>>
  /** Ends a mapping; nobody waits for an answer. */
  readonly unmap: (port: PortToMap, externalPort: number) => Observable<unknown>
  /** Its address outside; none where it does not tell. */
  readonly externalAddress: () => Observable<Option<string>>
}

/** What a gateway granted. */
export interface Lease {
  readonly externalPort: number
  /** `Infinity`: for good. */
  readonly lifetimeMs: number
  /** Where it was told with the lease. */
  readonly externalAddress: Option<string>
}

/** A way to talk to gateways. */
export interface MappingMethod {
  readonly name: PortMappingMethod
  /** Finds the gateway. Cold; emits once and completes. */
  readonly find: () => Observable<Either<PortMappingProblem, Mapper>>
}

/** Asked for: short enough that what a crash leaves behind goes soon. */
export const LEASE_SECONDS = 3_600
