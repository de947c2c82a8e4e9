import { map, merge, takeWhile, type Observable } from 'rxjs'
import type { Action } from './action.js'
import { create } from './commands/create.js'
import { demo } from './commands/demo.js'
import { dhtGet } from './commands/dhtGet.js'
import { dhtPut } from './commands/dhtPut.js'
import { info } from './commands/info.js'
import { magnet } from './commands/magnet.js'
import { scrape } from './commands/scrape.js'
import { transfer } from './commands/transfer.js'
import { verify } from './commands/verify.js'
import { stopped, type Output } from './output.js'
import type { StopSignal, World } from './world.js'

/** Does what was asked for. Cold; the last output is the `End`; unsubscribing drops everything at once. */
export const run = (action: Action, world: World): Observable<Output> => {
  switch (action._tag) {
    case 'Transfer':
      return transfer(action, world)
    case 'Create':
      return create(action, world).pipe(until(world.stop$))
    case 'Info':
      return info(action, world).pipe(until(world.stop$))
    case 'Magnet':
      return magnet(action).pipe(until(world.stop$))
    case 'Scrape':
      return scrape(action, world).pipe(until(world.stop$))
    case 'Verify':
      return verify(action, world).pipe(until(world.stop$))
    case 'DhtGet':
      return dhtGet(action).pipe(until(world.stop$))
    case 'DhtPut':
      return dhtPut(action).pipe(until(world.stop$))
    case 'Demo':
      return demo(world).pipe(until(world.stop$))
  }
}

/** What has no good-byes to say is dropped when a signal comes. */
const until =
  (stop$: Observable<StopSignal>) =>
  (output$: Observable<Output>): Observable<Output> =>
    merge(output$, stop$.pipe(map(stopped))).pipe(takeWhile((output) => output._tag !== 'End', true))
