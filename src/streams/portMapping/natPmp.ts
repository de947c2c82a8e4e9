import { map } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import {
  decodeNatPmp,
  encodeNatPmpAddressRequest,
  encodeNatPmpRequest,
} from '../../codecs/portMapping/natPmp.js'
import { askGateway } from './askGateway.js'
import { type Lease, LEASE_SECONDS, type Mapper, type MappingMethod } from './mapper.js'
import type { PortMappingDeps } from './portMappingDeps.js'
import type { PortMappingProblem, PortToMap } from './portMappingState.js'
import { theGateway } from './theGateway.js'

/** Port mapping by NAT-PMP (RFC 6886). */
export const natPmp = (deps: PortMappingDeps): MappingMethod => ({
  name: 'nat-pmp',
  find: () => theGateway(deps, ({ gateway }) => natPmpMapper(deps, gateway)),
})

const natPmpMapper = (deps: PortMappingDeps, gateway: string): Mapper => ({
  map: (port, externalPort) =>
    askGateway(deps, gateway, question(port, externalPort, LEASE_SECONDS), readLease(port)),
  unmap: (port) => askGateway(deps, gateway, question(port, 0, 0), readLease(port)),
  externalAddress: () =>
    askGateway(deps, gateway, encodeNatPmpAddressRequest(), readAddress).pipe(
      map((answer) => (E.isRight(answer) ? O.some(answer.right) : O.none)),
    ),
})

const question = ({ protocol, port }: PortToMap, externalPort: number, lifetimeSeconds: number): Uint8Array =>
  encodeNatPmpRequest({ protocol, internalPort: port, externalPort, lifetimeSeconds })

const readLease =
  ({ protocol, port }: PortToMap) =>
  (bytes: Uint8Array): Option<Either<PortMappingProblem, Lease>> => {
    const answer = decodeNatPmp(bytes)
    if (E.isLeft(answer) || answer.right._tag === 'ExternalAddress') return O.none
    if (answer.right._tag === 'Refused') {
      return answer.right.operation === 0
        ? O.none
        : O.some(E.left({ _tag: 'Refused', code: answer.right.code }))
    }
    const { internalPort, externalPort, lifetimeSeconds } = answer.right
    if (answer.right.protocol !== protocol || internalPort !== port) return O.none
    return O.some(E.right({ externalPort, lifetimeMs: lifetimeSeconds * 1_000, externalAddress: O.none }))
  }

const readAddress = (bytes: Uint8Array): Option<Either<PortMappingProblem, string>> => {
  const answer = decodeNatPmp(bytes)
  if (E.isLeft(answer)) return O.none
  const { right } = answer
  if (right._tag === 'ExternalAddress') return O.some(E.right(right.address))
  return right._tag === 'Refused' && right.operation === 0
    ? O.some(E.left({ _tag: 'Refused', code: right.code }))
    : O.none
}
