import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { DesiredState } from '../../src/operators/session/state.js'
import { handPeer } from '../support/handPeer.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { memoryDisk, runSession } from '../support/realSession.js'
import { until } from '../support/until.js'

const torrent = makeTorrent({ pieceLength: 65_536, files: 400 * 65_536 })
/** Slow enough not to be done before the pause. */
const slow = { rate: () => ({ down: 4_000_000, up: 4_000_000 }) }
/** Long enough for whatever is still to come over loopback. */
const silence = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 400))

describe('a session that is paused, over real sockets', () => {
  it('takes no payload any more, and goes on over the same connection', async () => {
    const desired$ = new Subject<DesiredState>()
    const running = runSession(torrent, memoryDisk(torrent), {
      policies: slow,
      desired: desired$,
    })
    const seed = handPeer(await running.port(), torrent, 'seed')
    await until(() => running.state().totals.downloaded > 500_000)
    for (let round = 0; round < 5; round++) {
      desired$.next('paused')
      await until(() => running.state().phase === 'paused')
      const [sent, { downloaded, wasted }] = [seed.sent(), running.session.state()!.totals]
      await silence()
      expect(seed.sent()).toBe(sent)
      expect(running.session.state()!.totals).toMatchObject({ downloaded, wasted })
      const [before, at] = [seed.requests(), performance.now()]
      desired$.next('running')
      await until(() => seed.requests() > before)
      expect(performance.now() - at, 'comes back at once').toBeLessThan(500)
      await until(() => running.state().totals.downloaded > downloaded)
    }
    expect(seed.isClosed()).toBe(false)
    expect(running.notices.filter(({ _tag }) => _tag === 'PeerClosed')).toEqual([])
  })

  it('gives no payload any more, though it is asked, and goes on over the same connection', async () => {
    const running = runSession(torrent, memoryDisk(torrent, torrent.content), { policies: slow })
    const leech = handPeer(await running.port(), torrent, 'leech')
    await until(() => leech.received() > 500_000)
    for (let round = 0; round < 5; round++) {
      running.session.send({ _tag: 'SetDesired', desired: 'paused' })
      await until(() => running.state().phase === 'paused')
      // What the system has taken over by then comes at once.
      await until(() => leech.received() === running.session.state()!.totals.uploaded)
      const received = leech.received()
      leech.tells({ _tag: 'Request', piece: 1, begin: 0, length: 16_384 })
      await silence()
      expect(leech.received()).toBe(received)
      running.session.send({ _tag: 'SetDesired', desired: 'running' })
      await until(() => leech.received() > received + 100_000)
    }
    expect(leech.isClosed()).toBe(false)
  })

  it('that begins paused moves nothing until it is told to run', async () => {
    const running = runSession(torrent, memoryDisk(torrent), { desired: 'paused' })
    await until(() => running.state().phase === 'paused')
    expect(running.state().desired).toBe('paused')
    expect(running.state().port._tag).toBe('None')
    running.session.send({ _tag: 'SetDesired', desired: 'running' })
    const seed = handPeer(await running.port(), torrent, 'seed')
    await until(() => seed.sent() > 0)
  })
})
