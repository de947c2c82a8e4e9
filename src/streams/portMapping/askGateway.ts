import { filter, ignoreElements, map, merge, mergeMap, type Observable, of, take, tap } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { GATEWAY_PORT } from '../../codecs/portMapping/natPmp.js'
import { after } from '../../operators/rx/after.js'
import type { PortMappingDeps } from './portMappingDeps.js'
import type { PortMappingProblem } from './portMappingState.js'

/** Sent again in the rhythm of RFC 6886; gateways answer in a few milliseconds, where they do at all. */
const SENT_AT_MS = [0, 250, 750, 1_750]
const TIMEOUT_MS = 3_000

/**
 * A question to a gateway over UDP, asked until it is answered, for three seconds. Only what comes from the gateway itself
 * and what `read` takes for an answer counts. Cold; emits once and completes.
 */
export const askGateway = <A>(
  { datagrams, clock }: Pick<PortMappingDeps, 'datagrams' | 'clock'>,
  gateway: string,
  question: Uint8Array,
  read: (bytes: Uint8Array) => Option<Either<PortMappingProblem, A>>,
): Observable<Either<PortMappingProblem, A>> => {
  const to = { host: gateway, port: GATEWAY_PORT }
  return merge(
    datagrams.bind({ port: 0, family: 4 }).pipe(
      mergeMap((bound): Observable<Either<PortMappingProblem, A>> => {
        if (E.isLeft(bound)) return of(E.left({ _tag: 'Unsendable', code: bound.left.code } as const))
        const { datagram$, send } = bound.right
        return merge(
          datagram$.pipe(
            filter(({ from }) => from.host === to.host && from.port === to.port),
            map(({ bytes }) => read(bytes)),
            filter(O.isSome),
            map(({ value }) => value),
          ),
          of(...SENT_AT_MS).pipe(
            mergeMap((ms) => after(ms, clock)),
            tap(() => {
              send(question, to)
            }),
            ignoreElements(),
          ),
        )
      }),
    ),
    after(TIMEOUT_MS, clock).pipe(map(() => E.left({ _tag: 'NoAnswer' } as const))),
  ).pipe(take(1))
}
