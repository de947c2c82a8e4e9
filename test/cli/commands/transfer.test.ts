import { lastValueFrom, ReplaySubject, toArray } from 'rxjs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { TransferAction } from '../../../src/cli/action.js'
import { transfer } from '../../../src/cli/commands/transfer.js'
import { asciiGlyphs } from '../../../src/cli/format/glyphs.js'
import { stopped } from '../../../src/cli/output.js'
import { plainWork } from '../../../src/cli/plainWork.js'
import { noPaint, type StopSignal, type World } from '../../../src/cli/world.js'
import { makeTorrent } from '../../support/makeTorrent.js'
import { seededPlace } from '../support/seededPlace.js'

afterEach(() => {
  vi.restoreAllMocks()
})

const actionOf = (argv: ReadonlyArray<string>): TransferAction => {
  const action = plainWork(argv)
  if (action?._tag !== 'Transfer') throw new Error('not a transfer')
  return action
}

describe('transfer', () => {
  it('ends at a signal between the making of its session and the begin, and begins nothing', async () => {
    const { path, downloads } = await seededPlace(makeTorrent({ pieceLength: 32_768, files: 100_000 }))
    const stop$ = new ReplaySubject<StopSignal>(1)
    const world: World = {
      program: 'rxtorrent',
      stop$,
      style: { glyphs: asciiGlyphs, paint: noPaint },
      paintData: noPaint,
      isLive: false,
      columns: () => 80,
      temporaryFolder: downloads,
    }
    const { setInterval } = globalThis
    // The first timer is what the session waits for to begin.
    const timers = vi.spyOn(globalThis, 'setInterval').mockImplementationOnce((...args) => {
      queueMicrotask(() => {
        stop$.next('SIGINT')
      })
      return setInterval(...args)
    })
    const alone = ['--no-dht', '--no-lsd', '--no-port-mapping', '--no-trackers']
    const action = actionOf(['download', path, '-o', downloads, ...alone])
    expect(await lastValueFrom(transfer(action, world).pipe(toArray()))).toEqual([stopped('SIGINT')])
    expect(timers).toHaveBeenCalled()
  })
})
