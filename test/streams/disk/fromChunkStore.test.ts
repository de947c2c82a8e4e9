import { createHash } from 'node:crypto'
import { firstValueFrom, of } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Hasher } from '../../../src/streams/deps.js'
import type { ChunkStore } from '../../../src/streams/disk/chunkStore.js'
import { fromChunkStore } from '../../../src/streams/disk/fromChunkStore.js'
import { createVirtualClock } from '../../../src/streams/virtual/index.js'
import { payload, storageLayout } from '../../support/storageLayout.js'
import { answerOf, kindOf, openStorage, valueOf } from '../../support/storageRun.js'

const hasher: Hasher = {
  sha1: (bytes) => of({ digest: new Uint8Array(createHash('sha1').update(bytes).digest()), bytes }),
}
const layout = storageLayout(16, [{ path: ['t'], length: 40 }])

const mapStore = (): ChunkStore & { readonly chunks: Map<number, Uint8Array> } => {
  const chunks = new Map<number, Uint8Array>()
  return {
    chunks,
    put: (index, chunk, done) => {
      chunks.set(index, chunk)
      done()
    },
    get: (index, done) => {
      const chunk = chunks.get(index)
      if (chunk === undefined) done(new Error('no such chunk'))
      else done(null, chunk)
    },
  }
}
const open = (store: ChunkStore, more: object = {}): ReturnType<typeof openStorage> =>
  openStorage(
    fromChunkStore(() => store, { hasher, ...more }),
    layout,
  )

describe('fromChunkStore', () => {
  it('puts whole chunks, the last one as long as it is', async () => {
    const store = mapStore()
    const { storage } = open(store)
    await valueOf(storage.write(0, payload(40)))
    expect([...store.chunks.values()].map(({ length }) => length)).toEqual([16, 16, 8])
    expect(await valueOf(storage.read(10, 25))).toEqual(payload(40).slice(10, 35))
  })

  it('keeps what was there when a part of a chunk is written', async () => {
    const store = mapStore()
    await valueOf(open(store).storage.write(0, payload(40)))
    const { storage } = open(store)
    await Promise.all([...Array(16).keys()].map((at) => valueOf(storage.write(at, Uint8Array.of(at)))))
    await valueOf(storage.write(20, Uint8Array.of(1)))
    expect(await valueOf(storage.read(0, 16))).toEqual(Uint8Array.from(Array(16).keys()))
    const second = payload(40).slice(16, 32)
    second[4] = 1
    expect(await valueOf(storage.read(16, 16))).toEqual(second)
  })

  it('a store that throws, or fails with this or that, is a failure, and no more', async () => {
    const failing = (error: unknown): ChunkStore => ({
      put: () => {
        throw error as Error
      },
      get: (_index, done) => {
        done(error)
      },
    })
    const full = Object.assign(new Error('x'), { code: 'ENOSPC' })
    expect(await kindOf(open(failing(full)).storage.write(0, payload(16)))).toBe('disk-full')
    expect(await kindOf(open(failing('what?')).storage.write(0, payload(16)))).toBe('io')
    expect(await kindOf(open(failing(new Error('odd'))).storage.read(0, 4))).toBe('io')
    expect(await kindOf(open(failing({ notFound: true })).storage.read(0, 4))).toBe('missing')
    const { storage } = open(failing(full))
    const answers = await Promise.all([0, 16, 32, 0].map((at) => answerOf(storage.write(at, payload(8)))))
    expect(answers.every(E.isLeft)).toBe(true)
  })

  it('a chunk that is too short, or nothing at all, is missing', async () => {
    for (const chunk of [undefined, new Uint8Array(15)]) {
      const store: ChunkStore = {
        put: (_index, _chunk, done) => {
          done()
        },
        get: (_index, done) => {
          done(null, chunk)
        },
      }
      expect(await kindOf(open(store).storage.read(0, 4))).toBe('missing')
    }
  })

  it('a store that never calls back holds up nobody else, and fails in time where there is a clock', async () => {
    const clock = createVirtualClock()
    const store = mapStore()
    const sleepy: ChunkStore = {
      ...store,
      put: (index, chunk, done) => {
        if (index !== 0) store.put(index, chunk, done)
      },
    }
    const { storage, close } = open(sleepy, { clock, timeoutMs: 5_000 })
    const stuck = [answerOf(storage.write(0, payload(16))), answerOf(storage.write(4, payload(4)))]
    await valueOf(storage.write(16, payload(24)))
    expect(await valueOf(storage.read(16, 24))).toEqual(payload(24))
    clock.advanceBy(20_000)
    expect((await Promise.all(stuck)).map((answer) => E.isLeft(answer) && answer.left.code)).toEqual([
      'ETIMEDOUT',
      'ETIMEDOUT',
    ])
    close()
    const quiet = open(sleepy)
    quiet.storage.write(0, payload(16)).subscribe({ error: () => undefined })
    quiet.close()
    expect(await kindOf(quiet.storage.read(16, 1))).toBe('closed')
  })

  it('closes the store once, destroys it on remove, and survives what that says', async () => {
    const calls: string[] = []
    const store: ChunkStore = {
      ...mapStore(),
      close: (done) => {
        calls.push('close')
        done(new Error('no'))
        done()
      },
      destroy: (done) => {
        calls.push('destroy')
        done()
      },
    }
    open(store).close()
    const second = open(store)
    await valueOf(second.storage.remove!())
    second.close()
    expect(calls).toEqual(['close', 'destroy'])
    expect(open(mapStore()).storage.remove).toBeUndefined()
  })

  it('a store that cannot be made is a failure to open', async () => {
    const answer = await firstValueFrom(
      fromChunkStore(
        () => {
          throw new Error('no')
        },
        { hasher },
      )(layout),
    )
    expect(E.isLeft(answer) && answer.left).toMatchObject({ kind: 'io', operation: 'open' })
  })
})
