import { map, merge, takeWhile, type Observable } from 'rxjs'
import type { WorkAction } from './action.js'
import { loaded } from './loaded.js'
import { stopped, type Output } from './output.js'
import type { StopSignal, World } from './world.js'

/**
 * Does what was asked for. Cold; the last output is the `End`; unsubscribing drops everything at once. Each command loads
 * what it needs itself: to show a file is not to wait for what moves its data.
 */
export const run = (action: WorkAction, world: World): Observable<Output> => {
  switch (action._tag) {
    case 'Transfer':
      return loaded(
        () => import('./commands/transfer.js'),
        ({ transfer }) => transfer(action, world),
      )
    case 'Create':
      return loaded(
        () => import('./commands/create.js'),
        ({ create }) => create(action, world),
      ).pipe(until(world.stop$))
    case 'Scrape':
      return loaded(
        () => import('./commands/scrape.js'),
        ({ scrape }) => scrape(action, world),
      ).pipe(until(world.stop$))
    case 'Verify':
      return loaded(
        () => import('./commands/verify.js'),
        ({ verify }) => verify(action, world),
      ).pipe(until(world.stop$))
    case 'DhtGet':
      return loaded(
        () => import('./commands/dhtGet.js'),
        ({ dhtGet }) => dhtGet(action),
      ).pipe(until(world.stop$))
    case 'DhtPut':
      return loaded(
        () => import('./commands/dhtPut.js'),
        ({ dhtPut }) => dhtPut(action),
      ).pipe(until(world.stop$))
    case 'Demo':
      return loaded(
        () => import('./commands/demo.js'),
        ({ demo }) => demo(world),
      ).pipe(until(world.stop$))
  }
}

/** What has no good-byes to say is dropped when a signal comes. */
const until =
  (stop$: Observable<StopSignal>) =>
  (output$: Observable<Output>): Observable<Output> =>
    merge(output$, stop$.pipe(map(stopped))).pipe(takeWhile((output) => output._tag !== 'End', true))
