import { createHash } from 'node:crypto'
import { of } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Hasher } from '../../../src/streams/deps.js'
import { memoryStorage } from '../../../src/streams/disk/memoryStorage.js'
import { storageContract } from '../../contract/storage.js'
import { payload, storageLayout } from '../../support/storageLayout.js'
import { allDigests, kindOf, openStorage, valueOf } from '../../support/storageRun.js'

const hasher: Hasher = {
  sha1: (bytes) => of({ digest: new Uint8Array(createHash('sha1').update(bytes).digest()), bytes }),
}

storageContract('memory', () =>
  Promise.resolve({ open: memoryStorage(hasher), dispose: () => Promise.resolve() }),
)

describe('memoryStorage', () => {
  it('takes memory only for what is written, wherever that is', async () => {
    const length = 2 ** 45
    const { storage } = openStorage(memoryStorage(hasher), storageLayout(2 ** 20, [{ path: ['a'], length }]))
    await valueOf(storage.write(length - 100_000, payload(100_000)))
    expect(await valueOf(storage.read(length - 100_000, 100_000))).toEqual(payload(100_000))
    expect(await kindOf(storage.read(length - 100_001, 2))).toBe('missing')
  })

  it('tells a hole from what was written around it', async () => {
    const { storage } = openStorage(memoryStorage(hasher), storageLayout(16, [{ path: ['a'], length: 30 }]))
    await valueOf(storage.write(0, payload(10)))
    await valueOf(storage.write(20, payload(10)))
    expect(await kindOf(storage.read(10, 10))).toBe('missing')
    expect(await kindOf(storage.read(0, 30))).toBe('missing')
  })

  it('hashes 20 000 pieces that all answer at once', async () => {
    const layout = storageLayout(1, [{ path: ['a'], length: 20_000 }])
    const { storage } = openStorage(memoryStorage(hasher), layout)
    await valueOf(storage.write(0, payload(20_000)))
    const { present } = await allDigests(storage.hashPieces(0, 19_999), 0)
    expect(present).toEqual(new Uint8Array(20_000).fill(1))
  })
})
