import { firstValueFrom } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Subscription } from 'rxjs'
import { demoTracker } from '../../../src/cli/demo/demoTracker.js'

describe('demoTracker', () => {
  let url: string
  let running: Subscription
  beforeEach(
    () =>
      new Promise<void>((resolve) => {
        running = demoTracker().subscribe((announce) => {
          url = announce
          resolve()
        })
      }),
  )
  afterEach(() => {
    running.unsubscribe()
  })

  const hash = '%01%02abc%ff'
  const ask = async (query: string): Promise<string> => {
    const response = await fetch(`${url}?${query}`)
    return Buffer.from(await response.arrayBuffer()).toString('latin1')
  }

  it('tells peers of each other', async () => {
    expect(await ask(`info_hash=${hash}&port=258&left=0&event=started`)).toBe(
      'd8:completei1e10:incompletei0e8:intervali60e5:peers0:e',
    )
    expect(await ask(`info_hash=${hash}&port=772&left=5&event=started`)).toBe(
      'd8:completei1e10:incompletei1e8:intervali60e5:peers6:\u007f\u0000\u0000\u0001\u0001\u0002e',
    )
    expect(await ask(`info_hash=other&port=772&left=5`)).toContain('5:peers0:')
  })

  it('forgets who stops', async () => {
    await ask(`info_hash=${hash}&port=258&left=0`)
    await ask(`info_hash=${hash}&port=258&left=0&event=stopped`)
    expect(await ask(`info_hash=${hash}&port=772&left=5`)).toContain('8:completei0e10:incompletei1e')
  })

  it('says what is wrong', async () => {
    expect(await ask('port=1')).toContain('failure reason')
    expect(await ask(`info_hash=${hash}&port=99999`)).toContain('failure reason')
    expect((await fetch(url.replace('announce', 'else'))).status).toBe(404)
  })

  it('closes when nobody is subscribed', async () => {
    running.unsubscribe()
    await expect(fetch(`${url}?info_hash=x&port=1`)).rejects.toThrow()
    expect(await firstValueFrom(demoTracker())).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/announce$/)
  })
})
