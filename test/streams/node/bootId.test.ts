import { describe, expect, it } from 'vitest'
import { bootId } from '../../../src/streams/node/bootId.js'
import { nodeDeps } from '../../../src/streams/node/nodeDeps.js'

describe('the name of this run of the system', () => {
  it.runIf(process.platform === 'linux')(
    'is the same however often it is asked for, and fits resume data',
    () => {
      expect(bootId()).toMatch(/^[0-9a-f-]{36}$/)
      expect(bootId()).toBe(bootId())
      expect(nodeDeps({ directory: '.' }).bootId).toBe(bootId())
    },
  )

  it('is of no interest to who waits for the device anyway', () => {
    expect(nodeDeps({ directory: '.', sync: 'device' }).bootId).toBeUndefined()
  })
})
