import { config } from 'rxjs'
import { afterEach, expect } from 'vitest'

/*
 * Imported for what it does: fails a test during which an error came to a subscriber that had ended already, which
 * RxJS passes over in silence. Errors that nobody handles fail the run by themselves.
 */

const late: unknown[] = []

config.onStoppedNotification = (notification) => {
  if (notification.kind === 'E') late.push(notification.error)
}

afterEach(() => {
  expect(late.splice(0)).toEqual([])
})
