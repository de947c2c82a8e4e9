import { config, type ObservableNotification } from 'rxjs'
import { afterEach, expect } from 'vitest'

/*
 * Run before each file, for all of its tests: one during which an error came to a subscriber that had ended already,
 * which RxJS passes over in silence, fails. Errors that nobody handles fail the run by themselves.
 */

const late: unknown[] = []
let isAwaited = false

const note = (notification: ObservableNotification<unknown>): void => {
  if (notification.kind === 'E') late.push(notification.error)
}

// RxJS looks it up at once and calls it in a timeout: only where it has looked is there something to wait for.
Object.defineProperty(config, 'onStoppedNotification', {
  configurable: true,
  get: () => {
    isAwaited = true
    return note
  },
})

/** The clock itself, whatever a test puts in its place. */
const { setTimeout } = globalThis

afterEach(async () => {
  if (isAwaited) await new Promise((resolve) => setTimeout(resolve))
  isAwaited = false
  expect(late.splice(0)).toEqual([])
})
