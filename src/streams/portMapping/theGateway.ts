import { map, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { Mapper } from './mapper.js'
import type { PortMappingDeps } from './portMappingDeps.js'
import type { PortMappingProblem } from './portMappingState.js'

export interface GatewayPlace {
  readonly gateway: string
  /** Ours, in its network. */
  readonly own: string
}

/** The gateway that the system names, as the mapper that is made for it. */
export const theGateway = (
  { gateway, ownAddress }: PortMappingDeps,
  mapperFor: (place: GatewayPlace) => Mapper,
): Observable<Either<PortMappingProblem, Mapper>> =>
  gateway().pipe(
    map((named) => {
      const own = O.isSome(named) ? ownAddress(named.value) : O.none
      return O.isSome(named) && O.isSome(own)
        ? E.right(mapperFor({ gateway: named.value, own: own.value }))
        : E.left({ _tag: 'NoGateway' })
    }),
  )
