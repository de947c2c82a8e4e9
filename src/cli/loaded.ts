import { defer, switchMap, type Observable } from 'rxjs'

/** What a part of the command does, loaded when it is to do it: who does without is not to wait for it. Cold. */
export const loaded = <Module, A>(
  load: () => Promise<Module>,
  use: (module: Module) => Observable<A>,
): Observable<A> => defer(load).pipe(switchMap(use))
