import { createHash } from 'node:crypto'
import MemoryChunkStore from 'memory-chunk-store'
import { Observable, asapScheduler, defer, observeOn, of } from 'rxjs'
import * as E from '#fp/Either'
import type { Hasher, OpenStorage, Storage } from '../../src/streams/deps.js'
import type { ChunkStore } from '../../src/streams/disk/chunkStore.js'
import { fromChunkStore } from '../../src/streams/disk/fromChunkStore.js'
import { hashPiecesByReading } from '../../src/streams/disk/hashPiecesByReading.js'
import { storageError } from '../../src/streams/disk/storageError.js'
import { createVirtualClock, createVirtualDisk } from '../../src/streams/virtual/index.js'
import { storageContract } from './storage.js'

const hasher: Hasher = {
  sha1: (bytes) => of({ digest: new Uint8Array(createHash('sha1').update(bytes).digest()), bytes }),
}

// Files and memory hold the contract beside their own tests.

storageContract('virtual, with short writes', () => {
  const clock = createVirtualClock()
  const disk = createVirtualDisk({ clock, seed: 1, shortWriteChance: 0.3, losesUnsynced: true })
  const pump = setInterval(() => {
    clock.advanceBy(100)
  }, 0)
  return Promise.resolve({
    open: (layout, directory) =>
      new Observable((subscriber) => {
        subscriber.add(disk.openStorage(layout, directory).subscribe(subscriber))
        clock.advanceBy(10)
      }),
    dispose: () => {
      clearInterval(pump)
      return Promise.resolve()
    },
  })
})

/** Its own `close` forgets everything: what is to be found the next time must not be closed. */
const kept = (inner: ChunkStore): ChunkStore => ({
  put: (index, chunk, done) => {
    inner.put(index, chunk, done)
  },
  get: (index, done) => {
    inner.get(index, done)
  },
})

storageContract('memory-chunk-store', () => {
  const stores = new Map<string, ChunkStore>()
  const open = fromChunkStore(
    ({ id, pieceLength, length }) => {
      const store = stores.get(id) ?? kept(new MemoryChunkStore(pieceLength, { length }))
      stores.set(id, store)
      return store
    },
    { hasher },
  )
  return Promise.resolve({ open, dispose: () => Promise.resolve() })
})

/** A store that calls back within the call, and once more later. */
const rash = (): ChunkStore => {
  const chunks = new Map<number, Uint8Array>()
  const twice = (done: () => void): void => {
    done()
    queueMicrotask(done)
  }
  return {
    put: (index, chunk, done) => {
      chunks.set(index, chunk)
      twice(() => {
        done(null)
      })
    },
    get: (index, done) => {
      const chunk = chunks.get(index)
      if (chunk === undefined) throw new Error('chunk not found')
      twice(() => {
        done(null, chunk)
      })
    },
    destroy: (done) => {
      chunks.clear()
      done()
    },
  }
}

storageContract('a rash chunk store', () => {
  const stores = new Map<string, ChunkStore>()
  const open = fromChunkStore(
    ({ id }) => {
      const store = stores.get(id) ?? rash()
      stores.set(id, store)
      return store
    },
    { hasher },
  )
  return Promise.resolve({ open, dispose: () => Promise.resolve() })
})

/** As little as a user gets away with: a record of bytes, and nothing that is optional. */
const toyStorage = (): OpenStorage => {
  const disks = new Map<string, Map<number, number>>()
  return (layout) =>
    new Observable((subscriber) => {
      let isOpen = true
      const disk = disks.get(layout.id) ?? new Map<number, number>()
      disks.set(layout.id, disk)
      const fileAt = (at: number): (typeof layout.files)[number] | undefined =>
        layout.files.find(({ offset, length }) => offset <= at && at < offset + length)
      const whileOpen = <A>(
        operation: 'read' | 'write' | 'flush',
        run: () => E.Either<ReturnType<typeof storageError>, A>,
      ): Observable<E.Either<ReturnType<typeof storageError>, A>> =>
        defer(() => of(isOpen ? run() : E.left(storageError(operation, [], 'ECANCELED')))).pipe(
          // An answer within the call would let a long row of calls nest.
          observeOn(asapScheduler),
        )
      const read: Storage['read'] = (offset, length) =>
        whileOpen('read', () => {
          const bytes = new Uint8Array(length)
          for (let at = offset; at < offset + length; at += 1) {
            const file = fileAt(at)
            if (file?.isPad === true) continue
            const byte = disk.get(at)
            if (byte === undefined) return E.left(storageError('read', file?.path ?? [], 'ENOENT'))
            bytes[at - offset] = byte
          }
          return E.right(bytes)
        })
      const storage: Storage = {
        read,
        write: (offset, bytes) =>
          whileOpen('write', () => {
            for (const [index, byte] of bytes.entries()) disk.set(offset + index, byte)
            return E.right(undefined)
          }),
        flush: () => whileOpen('flush', () => E.right(undefined)),
        hashPieces: hashPiecesByReading(read, hasher, layout),
      }
      subscriber.next(E.right(storage))
      return () => {
        isOpen = false
      }
    })
}

storageContract('a toy', () => Promise.resolve({ open: toyStorage(), dispose: () => Promise.resolve() }))
