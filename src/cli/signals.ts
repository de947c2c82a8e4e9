import { Observable } from 'rxjs'
import type { StopSignal } from './world.js'

export const SIGNALS: ReadonlyArray<StopSignal> = ['SIGINT', 'SIGTERM']

/** The signals to stop, as they come. Cold; while subscribed they do not end the process by themselves. */
export const signals = (): Observable<StopSignal> =>
  new Observable((subscriber) => {
    const next = (signal: NodeJS.Signals): void => {
      subscriber.next(signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM')
    }
    for (const signal of SIGNALS) process.on(signal, next)
    return () => {
      for (const signal of SIGNALS) process.off(signal, next)
    }
  })
