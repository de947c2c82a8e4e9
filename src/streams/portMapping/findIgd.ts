import {
  defaultIfEmpty,
  distinct,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  take,
  takeUntil,
  takeWhile,
  tap,
  takeLast,
} from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import { ipScope, parseIp } from '../../codecs/ipAddress.js'
import { gatewayUrl, showGatewayUrl, type GatewayUrl } from '../../codecs/portMapping/gatewayUrl.js'
import { decodeIgdDescription, type IgdService } from '../../codecs/portMapping/igd.js'
import { decodeSsdpAnswer, encodeSsdpSearch, SSDP } from '../../codecs/portMapping/ssdp.js'
import { after } from '../../operators/rx/after.js'
import type { Datagram } from '../deps.js'
import type { PortMappingDeps } from './portMappingDeps.js'
import type { PortMappingProblem } from './portMappingState.js'

export interface FoundIgd {
  readonly service: IgdService
  /** Our address in the gateway's network. */
  readonly own: string
}

const SEARCHED_AT_MS = [0, 1_000]
/** They are asked to answer within two seconds. */
const SEARCH_MS = 4_000
/** Answers that are looked into: there are few gateways in a network. */
const MAX_ANSWERS = 8

type Found = Either<PortMappingProblem, FoundIgd>

/**
 * The first gateway of the local network that says, by UPnP, that it maps ports. It is asked at no other address than
 * the one that it answered from, which is the gateway's or one of a local network. Cold; emits once and completes.
 */
export const findIgd = (deps: PortMappingDeps): Observable<Found> =>
  deps.gateway().pipe(
    mergeMap((gateway) => {
      const isTrusted = (host: string): boolean => {
        const ip = parseIp(host)
        const isLocal = O.isSome(ip) && ip.value.length === 4 && ipScope(ip.value) === 'local'
        return isLocal || (O.isSome(gateway) && gateway.value === host)
      }
      return answers(deps).pipe(
        filter(({ from }) => isTrusted(from.host)),
        mergeMap((answer) => locationOf(answer)),
        distinct(showGatewayUrl),
        take(MAX_ANSWERS),
        mergeMap((location) => describe(deps, location), MAX_ANSWERS),
      )
    }),
    takeWhile(E.isLeft, true),
    takeLast(1),
    defaultIfEmpty<Found, Found>(E.left({ _tag: 'NoAnswer' })),
  )

const answers = ({ datagrams, clock }: PortMappingDeps): Observable<Datagram> =>
  datagrams.bind({ port: 0, family: 4 }).pipe(
    mergeMap((bound) => {
      if (E.isLeft(bound)) return []
      const { datagram$, send } = bound.right
      return merge(
        datagram$,
        of(...SEARCHED_AT_MS).pipe(
          mergeMap((ms) => after(ms, clock)),
          tap(() => {
            send(encodeSsdpSearch(), SSDP)
          }),
          ignoreElements(),
        ),
      )
    }),
    takeUntil(after(SEARCH_MS, clock)),
  )

const locationOf = ({ from, bytes }: Datagram): ReadonlyArray<GatewayUrl> => {
  const location = decodeSsdpAnswer(bytes)
  const url = E.isRight(location) ? gatewayUrl(location.right, from.host) : O.none
  return O.isSome(url) ? [url.value] : []
}

const describe = ({ http, ownAddress }: PortMappingDeps, location: GatewayUrl): Observable<Found> =>
  http(location).pipe(
    map((answered): Found => {
      if (E.isLeft(answered)) return E.left({ _tag: 'Unsendable', code: answered.left })
      const services =
        answered.right.status === 200 ? decodeIgdDescription(answered.right.body, location) : E.right([])
      const [service] = E.isRight(services) ? services.right : []
      if (service === undefined) return E.left({ _tag: 'BadAnswer' })
      const own = ownAddress(location.host)
      return O.isSome(own) ? E.right({ service, own: own.value }) : E.left({ _tag: 'NoGateway' })
    }),
  )
