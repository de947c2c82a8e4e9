import { defer, map, mergeMap, type Observable, of } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import { parseIp } from '../../codecs/ipAddress.js'
import {
  decodeIgdAnswer,
  encodeIgdCall,
  type IgdArguments,
  type IgdService,
} from '../../codecs/portMapping/igd.js'
import { findIgd } from './findIgd.js'
import { type Lease, LEASE_SECONDS, type Mapper, type MappingMethod } from './mapper.js'
import type { PortMappingDeps } from './portMappingDeps.js'
import type { PortMappingProblem, PortToMap } from './portMappingState.js'

type Answer = Either<PortMappingProblem, ReadonlyMap<string, string>>

/** Somebody else has that port outside. */
const CONFLICT = 718
const ONLY_PERMANENT_LEASES = 725
/** Other ports tried outside, where the one is taken. */
const OTHER_PORTS = 3
const FIRST_FREE_PORT = 49_152

/** Port mapping by the gateways of UPnP, of either version. */
export const upnp = (deps: PortMappingDeps): MappingMethod => ({
  name: 'upnp',
  find: () => findIgd(deps).pipe(map(E.map(({ service, own }) => upnpMapper(deps, service, own)))),
})

const upnpMapper = (deps: PortMappingDeps, { type, control }: IgdService, own: string): Mapper => {
  const call = (action: string, args: IgdArguments): Observable<Answer> =>
    deps.http(control, encodeIgdCall(type, action, args)).pipe(
      map((answered): Answer => {
        if (E.isLeft(answered)) return E.left({ _tag: 'Unsendable', code: answered.left })
        const answer = decodeIgdAnswer(answered.right.body, action)
        if (E.isLeft(answer)) return E.left({ _tag: 'BadAnswer' })
        return answer.right._tag === 'Done'
          ? E.right(answer.right.values)
          : E.left({ _tag: 'Refused', code: answer.right.code })
      }),
    )

  const add = ({ protocol, port }: PortToMap, externalPort: number, seconds: number): Observable<Answer> =>
    call('AddPortMapping', {
      NewRemoteHost: '',
      NewExternalPort: String(externalPort),
      NewProtocol: protocol.toUpperCase(),
      NewInternalPort: String(port),
      NewInternalClient: own,
      NewEnabled: '1',
      NewPortMappingDescription: 'rxtorrent',
      NewLeaseDuration: String(seconds),
    })

  const lease = (
    port: PortToMap,
    externalPort: number,
    seconds: number,
    tries: number,
  ): Observable<Either<PortMappingProblem, Lease>> =>
    add(port, externalPort, seconds).pipe(
      mergeMap((answer): Observable<Either<PortMappingProblem, Lease>> => {
        if (E.isRight(answer)) {
          const lifetimeMs = seconds === 0 ? Infinity : seconds * 1_000
          return of(E.right({ externalPort, lifetimeMs, externalAddress: O.none }))
        }
        const code = answer.left._tag === 'Refused' ? answer.left.code : 0
        if (code === ONLY_PERMANENT_LEASES && seconds !== 0) return lease(port, externalPort, 0, tries)
        if (code === CONFLICT && tries > 0) return lease(port, randomPort(deps), seconds, tries - 1)
        return of(answer)
      }),
    )

  return {
    map: (port, externalPort) => defer(() => lease(port, externalPort, LEASE_SECONDS, OTHER_PORTS)),
    unmap: ({ protocol }, externalPort) =>
      call('DeletePortMapping', {
        NewRemoteHost: '',
        NewExternalPort: String(externalPort),
        NewProtocol: protocol.toUpperCase(),
      }),
    externalAddress: () =>
      call('GetExternalIPAddress', {}).pipe(
        map((answer) => {
          const address = E.isRight(answer) ? (answer.right.get('NewExternalIPAddress') ?? '') : ''
          return O.isSome(parseIp(address)) ? O.some(address) : O.none
        }),
      ),
  }
}

const randomPort = ({ random }: PortMappingDeps): number => {
  const [high = 0, low = 0] = random.bytes(2)
  return FIRST_FREE_PORT + (((high << 8) | low) % (0x10000 - FIRST_FREE_PORT))
}
