import { forkJoin, map, mergeMap, type Observable, of } from 'rxjs'
import * as A from '#fp/Array'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { Clock } from '../deps.js'
import type { Leases } from './leases.js'
import { type Lease, LEASE_SECONDS, type Mapper } from './mapper.js'
import type {
  MappedPort,
  PortMappingMethod,
  PortMappingProblem,
  PortMappingState,
} from './portMappingState.js'

/** Ports that a gateway leads inside. */
export interface Held {
  readonly method: PortMappingMethod
  readonly mapper: Mapper
  readonly state: Extract<PortMappingState, { _tag: 'Mapped' }>
  readonly renewInMs: number
}

/** However short the leases are. */
const LEAST_RENEWAL_MS = 30_000

/** Maps all of these ports or none, each best where it was last; renews them, where they are mapped already. */
export const mapAll = (
  { leases, clock }: { readonly leases: Leases; readonly clock: Clock },
  { method, mapper }: Pick<Held, 'method' | 'mapper'>,
  ports: ReadonlyArray<MappedPort>,
): Observable<Either<PortMappingProblem, Held>> =>
  forkJoin(ports.map((port) => leases.ask(mapper, port, port.externalPort))).pipe(
    mergeMap((answers): Observable<Either<PortMappingProblem, Held>> => {
      const granted = A.rights(answers)
      const problem =
        A.lefts(answers)[0] ?? (granted.every(makesSense) ? undefined : { _tag: 'BadAnswer' as const })
      if (problem !== undefined) {
        leases.release()
        return of(E.left(problem))
      }
      const told = granted.find(({ externalAddress }) => O.isSome(externalAddress))?.externalAddress
      const renewInMs = Math.min(LEASE_SECONDS * 1_000, ...granted.map(({ lifetimeMs }) => lifetimeMs)) / 2
      return (told === undefined ? mapper.externalAddress() : of(told)).pipe(
        map((externalAddress) =>
          E.right({
            method,
            mapper,
            renewInMs: Math.max(LEAST_RENEWAL_MS, renewInMs),
            state: {
              _tag: 'Mapped',
              method,
              externalAddress,
              ports: ports.map(({ protocol, port }, i): MappedPort => {
                const { externalPort = port, lifetimeMs = 0 } = granted[i] ?? {}
                return { protocol, port, externalPort, expiresAt: clock.now() + lifetimeMs }
              }),
            },
          }),
        ),
      )
    }),
  )

const makesSense = ({ externalPort, lifetimeMs }: Lease): boolean => externalPort > 0 && lifetimeMs > 0
