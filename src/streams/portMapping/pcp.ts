import { of } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { equalBytes } from '../../codecs/bytes.js'
import { decodePcp, encodePcpMap } from '../../codecs/portMapping/pcp.js'
import { askGateway } from './askGateway.js'
import { type Lease, LEASE_SECONDS, type Mapper, type MappingMethod } from './mapper.js'
import type { PortMappingDeps } from './portMappingDeps.js'
import type { PortMappingProblem, PortToMap } from './portMappingState.js'
import { theGateway, type GatewayPlace } from './theGateway.js'

/** Port mapping by the Port Control Protocol (RFC 6887). */
export const pcp = (deps: PortMappingDeps): MappingMethod => ({
  name: 'pcp',
  find: () => theGateway(deps, (place) => pcpMapper(deps, place)),
})

const pcpMapper = (deps: PortMappingDeps, { gateway, own }: GatewayPlace): Mapper => {
  // One for all: whoever sees it may only change mappings to ourselves.
  const nonce = deps.random.bytes(12)
  const question = (
    { protocol, port }: PortToMap,
    externalPort: number,
    lifetimeSeconds: number,
  ): Uint8Array =>
    encodePcpMap({ client: own, nonce, protocol, internalPort: port, externalPort, lifetimeSeconds })

  const read =
    ({ protocol, port }: PortToMap) =>
    (bytes: Uint8Array): Option<Either<PortMappingProblem, Lease>> => {
      const answer = decodePcp(bytes)
      if (E.isLeft(answer)) return O.none
      switch (answer.right._tag) {
        case 'OtherVersion':
          return O.some(E.left({ _tag: 'BadAnswer' }))
        case 'Refused':
          return O.some(E.left({ _tag: 'Refused', code: answer.right.code }))
        case 'Mapped': {
          const { internalPort, externalPort, externalAddress, lifetimeSeconds } = answer.right
          const isOurs =
            answer.right.protocol === protocol &&
            internalPort === port &&
            equalBytes(answer.right.nonce, nonce)
          if (!isOurs) return O.none
          return O.some(
            E.right({
              externalPort,
              lifetimeMs: lifetimeSeconds * 1_000,
              externalAddress: O.some(externalAddress),
            }),
          )
        }
      }
    }

  return {
    map: (port, externalPort) =>
      askGateway(deps, gateway, question(port, externalPort, LEASE_SECONDS), read(port)),
    unmap: (port) => askGateway(deps, gateway, question(port, 0, 0), read(port)),
    externalAddress: () => of(O.none),
  }
}
