import { finalize, Observable, Subscription } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { after } from '../../operators/rx/after.js'
import type { Clock } from '../deps.js'
import type { Lease, Mapper } from './mapper.js'
import type { PortMappingProblem, PortToMap } from './portMappingState.js'

/** Time to take back what was mapped, once nobody wants it any more. */
const FAREWELL_MS = 1_000

/** What gateways have granted, so that all of it can be given back. */
export interface Leases {
  /**
   * Asks for a mapping. Left alone, the question goes on: what is granted then is given back. Emits once and completes.
   */
  readonly ask: (
    mapper: Mapper,
    port: PortToMap,
    externalPort: number,
  ) => Observable<Either<PortMappingProblem, Lease>>
  /** Gives all back. */
  readonly release: () => void
  /** Nothing is known of them any more: the gateway has gone. */
  readonly forget: () => void
  /** Gives all back, also what is granted from now on, for a second at most. */
  readonly end: () => void
}

interface Grant {
  readonly mapper: Mapper
  readonly port: PortToMap
  readonly externalPort: number
}

export const createLeases = (clock: Clock): Leases => {
  const grants = new Map<string, Grant>()
  const running = new Subscription()
  let pending = 0
  let hasEnded = false
  let deadline = Subscription.EMPTY

  const launch = <A>(
    work$: Observable<A>,
    next: (value: A) => void,
    error: (thrown: unknown) => void,
    complete: () => void,
  ): void => {
    pending += 1
    const done = (): void => {
      pending -= 1
      if (hasEnded && pending === 0) deadline.unsubscribe()
    }
    running.add(work$.pipe(finalize(done)).subscribe({ next, error, complete }))
  }

  const takeBack = ({ mapper, port, externalPort }: Grant): void => {
    // What becomes of it makes no difference: in the end the lease does.
    launch(mapper.unmap(port, externalPort), nothing, nothing, nothing)
  }
  const release = (): void => {
    const all = [...grants.values()]
    grants.clear()
    for (const grant of all) takeBack(grant)
  }

  return {
    ask: (mapper, port, externalPort) =>
      new Observable((subscriber) => {
        launch(
          mapper.map(port, externalPort),
          (answer) => {
            if (E.isRight(answer)) {
              const grant = { mapper, port, externalPort: answer.right.externalPort }
              if (hasEnded) takeBack(grant)
              else grants.set(`${port.protocol} ${String(port.port)}`, grant)
            }
            subscriber.next(answer)
          },
          (thrown) => {
            subscriber.error(thrown)
          },
          () => {
            subscriber.complete()
          },
        )
      }),
    release,
    forget: () => {
      grants.clear()
    },
    end: () => {
      hasEnded = true
      release()
      if (pending === 0) return
      deadline = after(FAREWELL_MS, clock).subscribe({
        next: () => {
          running.unsubscribe()
        },
        error: nothing,
      })
    },
  }
}

const nothing = (): void => undefined
