import { expand, map, mergeMap, Observable, of } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { after } from '../../operators/rx/after.js'
import { createLeases } from './leases.js'
import { mapAll, type Held } from './mapAll.js'
import type { MappingMethod } from './mapper.js'
import { natPmp } from './natPmp.js'
import { pcp } from './pcp.js'
import type { PortMappingDeps } from './portMappingDeps.js'
import type { MappedPort, PortMappingFailure, PortMappingState, PortToMap } from './portMappingState.js'
import { upnp } from './upnp.js'

/** Until gateways are asked again that did not do it; doubles up to an hour. */
const FIRST_RETRY_MS = 15_000
const LAST_RETRY_MS = 60 * 60_000
/** Ports mapped at once, at most. */
const MAX_PORTS = 16

type Stage =
  | { readonly _tag: 'Search'; readonly failures: number }
  | { readonly _tag: 'Hold'; readonly held: Held }
  | { readonly _tag: 'Wait'; readonly failures: number; readonly reasons: ReadonlyArray<PortMappingFailure> }

/**
 * Has the gateway of this network lead ports of ours inside, so that peers can reach us: by PCP, or else NAT-PMP, or else
 * UPnP, whichever maps all of them. Renews the leases (an hour at most) at their half, and looks for a gateway anew where
 * that fails.
 *
 * Cold; emits what changes; never completes, and does not error: that nobody does it is a state. Unsubscribing takes the
 * mappings back, for at most a second after it. Throws a `TypeError` for no ports, more than 16, or what is none.
 *
 * @example
 * ```ts
 * mapPorts(deps, [{ protocol: 'tcp', port: 6881 }]).subscribe((state) => {
 *   if (state._tag === 'Mapped') console.log(`reachable by ${state.method}`)
 * })
 * ```
 */
export const mapPorts = (
  deps: PortMappingDeps,
  ports: ReadonlyArray<PortToMap>,
): Observable<PortMappingState> => {
  const isPort = ({ port }: PortToMap): boolean => Number.isInteger(port) && port > 0 && port <= 0xffff
  if (ports.length === 0 || ports.length > MAX_PORTS || !ports.every(isPort)) {
    throw new TypeError('not a list of ports to map')
  }
  const methods = [pcp(deps), natPmp(deps), upnp(deps)]
  const wanted = ports.map(({ protocol, port }): MappedPort => ({
    protocol,
    port,
    externalPort: port,
    expiresAt: 0,
  }))

  return new Observable<PortMappingState>((subscriber) => {
    const leases = createLeases(deps.clock)
    const world = { leases, clock: deps.clock }

    /** The first of the methods that does it, or what each failed with. */
    const search = (
      [method, ...others]: ReadonlyArray<MappingMethod>,
      reasons: ReadonlyArray<PortMappingFailure> = [],
    ): Observable<Either<ReadonlyArray<PortMappingFailure>, Held>> =>
      method === undefined
        ? of(E.left(reasons))
        : method.find().pipe(
            mergeMap((found) =>
              E.isLeft(found)
                ? of(found)
                : mapAll(world, { method: method.name, mapper: found.right }, wanted),
            ),
            mergeMap((answer) =>
              E.isRight(answer)
                ? of(answer)
                : search(others, [...reasons, { ...answer.left, method: method.name }]),
            ),
          )

    const next = (stage: Stage): Observable<Stage> => {
      switch (stage._tag) {
        case 'Search':
          return search(methods).pipe(
            map(
              E.match(
                (reasons): Stage => ({ _tag: 'Wait', failures: stage.failures + 1, reasons }),
                (held): Stage => ({ _tag: 'Hold', held }),
              ),
            ),
          )
        case 'Hold':
          return after(stage.held.renewInMs, deps.clock).pipe(
            mergeMap(() => mapAll(world, stage.held, stage.held.state.ports)),
            map((renewed): Stage => {
              if (E.isRight(renewed)) return { _tag: 'Hold', held: renewed.right }
              leases.forget()
              return { _tag: 'Search', failures: 0 }
            }),
          )
        case 'Wait':
          return after(retryMs(stage.failures), deps.clock).pipe(
            map(() => ({ _tag: 'Search', failures: stage.failures })),
          )
      }
    }

    subscriber.add(
      of<Stage>({ _tag: 'Search', failures: 0 }).pipe(expand(next), map(stateOf)).subscribe(subscriber),
    )
    // Behind the subscription: first nothing new is asked, then all is given back.
    subscriber.add(() => {
      leases.end()
    })
  })
}

const retryMs = (failures: number): number => Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1))

const stateOf = (stage: Stage): PortMappingState => {
  switch (stage._tag) {
    case 'Search':
      return { _tag: 'Searching' }
    case 'Hold':
      return stage.held.state
    case 'Wait':
      return { _tag: 'Failed', reasons: stage.reasons }
  }
}
