import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filter, firstValueFrom, lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as O from '#fp/Option'
import type { PeerAddress } from '../../../src/codecs/peerAddress.js'
import type { DhtNotice } from '../../../src/operators/dht/notice.js'
import type { Dht } from '../../../src/streams/dht/dht.js'
import { nodeDhtStore } from '../../../src/streams/node/dhtStore.js'
import { lookUpHost } from '../../../src/streams/node/lookUpHost.js'
import { dht, type NodeDhtOptions } from '../../../src/streams/node/nodeDht.js'
import { rethrow } from '../../support/rethrow.js'
import { tempDir } from '../../support/tempDir.js'

interface RunningDht {
  readonly node: Dht
  readonly address: PeerAddress
  readonly stop: () => void
}

/** On loopback, where nothing leaves the machine. */
const run = async (options: NodeDhtOptions = {}, host = '127.0.0.1'): Promise<RunningDht> => {
  const node = dht({ addresses: [{ family: 4, port: 0, host }], bootstrap: [], ...options })
  const running = node.state$.subscribe({ error: rethrow })
  onTestFinished(() => {
    running.unsubscribe()
  })
  const port = await firstValueFrom(node.port$)
  return {
    node,
    address: { host, port },
    stop: () => {
      running.unsubscribe()
    },
  }
}

const infohash = new Uint8Array(20).fill(8)

describe('dht', () => {
  it('finds over real sockets what another has announced, entered by a name', async () => {
    const a = await run()
    const b = await run({ bootstrap: [{ host: 'localhost', port: a.address.port }] })
    await lastValueFrom(b.node.announce(infohash, 7_000), { defaultValue: undefined })
    expect(await lastValueFrom(a.node.lookup(infohash).pipe(toArray()))).toEqual([
      { host: '127.0.0.1', port: 7_000 },
    ])
  })

  it('keeps its table in a folder, and goes on with it', async () => {
    const directory = await tempDir()
    const a = await run()
    const b = await run({ directory, bootstrap: [a.address] })
    await lastValueFrom(b.node.lookup(infohash), { defaultValue: undefined })
    b.stop()
    const store = nodeDhtStore({ directory })
    await expect.poll(() => readFile(join(directory, '.rxtorrent', 'dht.resume'))).toBeDefined()
    expect(await firstValueFrom(store.load())).toMatchObject({ right: { _tag: 'Some' } })
    const again = await run({ directory })
    await lastValueFrom(again.node.announce(infohash, 7_001), { defaultValue: undefined })
    expect(await lastValueFrom(a.node.lookup(infohash).pipe(toArray()))).toEqual([
      { host: '127.0.0.1', port: 7_001 },
    ])
  })

  it('does without a table that is not one', async () => {
    const directory = await tempDir()
    await firstValueFrom(nodeDhtStore({ directory }).save(new Uint8Array()))
    await writeFile(join(directory, '.rxtorrent', 'dht.resume'), 'nonsense')
    const node = dht({ directory, addresses: [{ family: 4, port: 0, host: '127.0.0.1' }], bootstrap: [] })
    const notice = await new Promise<DhtNotice>((resolve) => {
      const running = node.alert$.subscribe({
        next: (told) => {
          if (told._tag === 'DhtTableRejected') resolve(told)
        },
        error: rethrow,
      })
      onTestFinished(() => {
        running.unsubscribe()
      })
    })
    expect(notice).toMatchObject({ _tag: 'DhtTableRejected' })
  })

  it('tells of a port that is taken', async () => {
    const { address } = await run()
    const node = dht({ addresses: [{ family: 4, ...address }], bootstrap: [] })
    const notice = await firstValueFrom(node.alert$)
    expect(notice).toMatchObject({ _tag: 'DhtListenFailed', family: 4, code: 'EADDRINUSE' })
    const { homes } = await firstValueFrom(
      node.state$.pipe(filter((state) => O.isSome(state.homes[0]!.problem))),
    )
    expect(homes).toMatchObject([{ local: O.none, problem: O.some('EADDRINUSE') }])
  })

  it.each<NodeDhtOptions>([
    { port: 65_536 },
    { addresses: [] },
    { bootstrap: [{ host: 'x', port: 0 }] },
    { bootstrap: Array.from({ length: 65 }, () => ({ host: 'x', port: 1 })) },
  ])('refuses %o at the call', (options) => {
    expect(() => dht(options)).toThrow(TypeError)
  })
})

describe('lookUpHost', () => {
  it('answers with nothing where a name has no address', async () => {
    expect(await firstValueFrom(lookUpHost('no-such-host.invalid'))).toEqual([])
    expect(await firstValueFrom(lookUpHost('127.0.0.1'))).toEqual(['127.0.0.1'])
  })
})
