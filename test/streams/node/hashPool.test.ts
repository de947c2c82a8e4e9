import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { fc, test } from '@fast-check/vitest'
import { firstValueFrom, tap } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { concatBytes } from '../../../src/codecs/bytes.js'
import { pieceRoot } from '../../../src/codecs/merkle.js'
import type { StorageLayout } from '../../../src/streams/deps.js'
import { createHashPool } from '../../../src/streams/node/hashPool.js'
import type { HashPool, HashPoolOptions } from '../../../src/streams/node/hashPool.js'
import { openFilesBelow } from '../../support/openFilesBelow.js'
import { payload, storageLayout } from '../../support/storageLayout.js'
import { allDigests, kindOf } from '../../support/storageRun.js'
import { until } from '../../support/until.js'

const sha1 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha1').update(bytes).digest())
const workerUrl = new URL('../../../src/streams/node/hashWorker.js', import.meta.url)

const MiB = 1024 * 1024

let pools: HashPool[] = []
let started: Worker[] = []
const createPool = (options: HashPoolOptions = {}): HashPool => {
  const pool = createHashPool({
    startWorker: () => {
      const worker = new Worker(workerUrl, { execArgv: [], env: {} })
      started.push(worker)
      return worker
    },
    ...options,
  })
  pools.push(pool)
  return pool
}
afterEach(() => {
  for (const pool of pools) pool.close()
  pools = []
  started = []
})

describe('hasher', () => {
  it.each([0, 1, 32 * 1024, 32 * 1024 + 1, 3 * MiB + 1])(
    'hashes %d bytes as node:crypto does',
    async (length) => {
      const { digest, bytes } = await firstValueFrom(createPool().hasher.sha1(payload(length)))
      expect(digest).toEqual(sha1(payload(length)))
      expect(Buffer.compare(bytes, payload(length))).toBe(0)
    },
  )

  it.each([1, 16_384, 32 * 1024 + 1, 100_000, MiB])(
    'hashes %d bytes of a v2 torrent to their part of the tree',
    async (length) => {
      const answer$ = createPool().hasher.merkle!(payload(length), MiB)
      const { digest, bytes } = await firstValueFrom(answer$)
      expect(digest).toEqual(pieceRoot(payload(length), MiB))
      expect(Buffer.compare(bytes, payload(length))).toBe(0)
    },
  )

  it('hashes small inputs at once, without a thread', () => {
    let digest: Uint8Array | undefined
    createPool()
      .hasher.sha1(payload(1000))
      .subscribe({
        next: (answer) => {
          digest = answer.digest
        },
        error: () => undefined,
      })
    expect(digest).toEqual(sha1(payload(1000)))
    expect(started).toHaveLength(0)
  })

  it('takes the buffer and gives it back, uncopied, for a view that does not begin at its begin', async () => {
    const whole = payload(MiB)
    const view = whole.subarray(100, 600_000)
    const expected = sha1(view)
    const answer$ = createPool().hasher.sha1(view)
    expect(view.length).toBe(599_900)
    const answer = await firstValueFrom(answer$)
    expect(view.length).toBe(0)
    expect(answer.digest).toEqual(expected)
    expect([answer.bytes.byteOffset, answer.bytes.length, answer.bytes.buffer.byteLength]).toEqual([
      100,
      599_900,
      MiB,
    ])
  })

  it('answers any number at a time, with two threads at most', async () => {
    const { hasher } = createPool({ workers: 2 })
    const digests = await Promise.all(
      [...Array(100).keys()].map(async (seed) => {
        const { digest } = await firstValueFrom(hasher.sha1(payload(50_000, seed)))
        return Buffer.compare(digest, sha1(payload(50_000, seed)))
      }),
    )
    expect(digests.every((difference) => difference === 0)).toBe(true)
    expect(started.length).toBeGreaterThan(0)
    expect(started.length).toBeLessThanOrEqual(2)
  })

  it('leaves the bytes of a job that was taken back before a thread had it', async () => {
    const { hasher } = createPool({ workers: 1 })
    const bytes = payload(50_000)
    hasher
      .sha1(bytes)
      .subscribe({ error: () => undefined })
      .unsubscribe()
    expect(Buffer.compare(bytes, payload(50_000))).toBe(0)
    expect((await firstValueFrom(hasher.sha1(bytes))).digest).toEqual(sha1(payload(50_000)))
  })

  it('hashes on the loop once closed, and where threads cannot be started', async () => {
    const closed = createPool()
    closed.close()
    expect((await firstValueFrom(closed.hasher.sha1(payload(50_000)))).digest).toEqual(sha1(payload(50_000)))
    const broken = createPool({
      startWorker: () => new Worker(new URL('./none.js', workerUrl), { execArgv: [] }),
    })
    const answer = await firstValueFrom(broken.hasher.sha1(payload(50_000)))
    expect(answer.digest).toEqual(sha1(payload(50_000)))
    expect(answer.bytes).toHaveLength(50_000)
  })
})

describe('hashFiles', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'rxtorrent-'))
  })
  afterEach(() => {
    rmSync(root, { recursive: true })
  })

  const digestsOf = (bytes: Uint8Array, pieceLength: number): Uint8Array =>
    new Uint8Array(
      Buffer.concat(
        [...Array(Math.ceil(bytes.length / pieceLength)).keys()].map((piece) =>
          sha1(bytes.subarray(piece * pieceLength, (piece + 1) * pieceLength)),
        ),
      ),
    )

  it('hashes pieces of a v2 torrent to the end of their file, and no further', async () => {
    const layout: StorageLayout = {
      ...storageLayout(MiB, [
        { path: ['a'], length: 2 * MiB + 600_000 },
        { path: ['.pad', '1'], length: MiB - 600_000, isPad: true },
        { path: ['empty'], length: 0 },
        { path: ['b'], length: 7 },
      ]),
      pieceHash: 'merkle',
    }
    const a = payload(2 * MiB + 600_000)
    writeFileSync(join(root, 'a'), a)
    writeFileSync(join(root, 'b'), payload(7))
    const { digests, present } = await allDigests(createPool().hashFiles(root, layout, 0, 3), 0)
    expect([...present]).toEqual([1, 1, 1, 1])
    expect(digests).toEqual(
      concatBytes([
        pieceRoot(a.subarray(0, MiB), MiB),
        pieceRoot(a.subarray(MiB, 2 * MiB), MiB),
        pieceRoot(a.subarray(2 * MiB), MiB),
        pieceRoot(payload(7), MiB),
      ]),
    )
    truncateSync(join(root, 'a'), 2 * MiB)
    expect([...(await allDigests(createPool().hashFiles(root, layout, 0, 3), 0)).present]).toEqual([
      1, 1, 0, 1,
    ])
  })

  it('hashes in batches, across files, pads and steps of reading', async () => {
    const layout = storageLayout(3 * MiB, [
      { path: ['a'], length: 40 * MiB + 5 },
      { path: ['.pad', '1'], length: 200_000, isPad: true },
      { path: ['d', 'b'], length: 7 },
      { path: ['d', 'c'], length: 30 * MiB },
    ])
    const bytes = payload(layout.length)
    bytes.fill(0, 40 * MiB + 5, 40 * MiB + 5 + 200_000)
    mkdirSync(join(root, 'd'))
    for (const { path, offset, length, isPad } of layout.files) {
      if (!isPad) writeFileSync(join(root, ...path), bytes.subarray(offset, offset + length))
    }
    const pieces = Math.ceil(layout.length / layout.pieceLength)
    let batches = 0
    const batch$ = createPool()
      .hashFiles(root, layout, 0, pieces - 1)
      .pipe(tap(() => (batches += 1)))
    const { digests, present } = await allDigests(batch$, 0)
    expect(Buffer.compare(digests, digestsOf(bytes, layout.pieceLength))).toBe(0)
    expect(present.every((flag) => flag === 1)).toBe(true)
    expect(batches).toBe(5)
    expect(openFilesBelow(root)).toEqual([])
  })

  test.prop(
    [
      fc.constantFrom(1_000, 16_384, 48_000, 65_536, 131_072, 150_000),
      fc.array(fc.record({ length: fc.nat(400_000), isPad: fc.boolean(), cut: fc.option(fc.nat(400_000)) }), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.nat(),
      fc.nat(),
    ],
    { numRuns: 60 },
  )('hashes pieces of any length, from whichever to whichever', async (pieceLength, specs, from, to) => {
    const layout = storageLayout(
      pieceLength,
      specs.map(({ length, isPad }, index) => ({ path: [String(index)], length, isPad })),
    )
    const pieces = Math.ceil(layout.length / pieceLength)
    fc.pre(pieces > 0)
    const first = Math.min(from % pieces, to % pieces)
    const last = Math.max(from % pieces, to % pieces)
    const bytes = payload(layout.length)
    const isThere = new Array<boolean>(pieces).fill(true)
    layout.files.forEach(({ path, offset, length, isPad }, index) => {
      if (isPad) {
        bytes.fill(0, offset, offset + length)
        return
      }
      const there = Math.min(length, specs[index]?.cut ?? length)
      writeFileSync(join(root, ...path), bytes.subarray(offset, offset + there))
      if (there < length) {
        const end = Math.floor((offset + length - 1) / pieceLength)
        isThere.fill(false, Math.floor((offset + there) / pieceLength), end + 1)
      }
    })
    const { digests, present } = await allDigests(
      (pools[0] ?? createPool()).hashFiles(root, layout, first, last),
      first,
    )
    expect([...present]).toEqual(isThere.slice(first, last + 1).map(Number))
    const expected = digestsOf(bytes, pieceLength)
    isThere.forEach((there, piece) => {
      if (!there) expected.fill(0, 20 * piece, 20 * piece + 20)
    })
    expect(Buffer.compare(digests, expected.subarray(20 * first, 20 * last + 20))).toBe(0)
  })

  it('counts bytes that no file holds as zeros', async () => {
    const bytes = payload(30)
    bytes.fill(0, 10, 16)
    writeFileSync(join(root, 'a'), bytes.subarray(0, 10))
    writeFileSync(join(root, 'b'), bytes.subarray(16))
    const file = { isPad: false, isExecutable: false, symlink: undefined }
    const layout = {
      pieceLength: 8,
      length: 30,
      files: [
        { ...file, path: ['a'], offset: 0, length: 10 },
        { ...file, path: ['b'], offset: 16, length: 14 },
      ],
    }
    expect((await allDigests(createPool().hashFiles(root, layout, 0, 3), 0)).digests).toEqual(
      digestsOf(bytes, 8),
    )
  })

  it('passes over what is missing or too short, without reading the rest of the piece', async () => {
    const layout = storageLayout(MiB, [
      { path: ['a'], length: 3 * MiB },
      { path: ['gone', 'b'], length: MiB },
      { path: ['c'], length: MiB },
    ])
    const bytes = payload(layout.length)
    writeFileSync(join(root, 'a'), bytes.subarray(0, 3 * MiB))
    truncateSync(join(root, 'a'), 2 * MiB + 1)
    writeFileSync(join(root, 'c'), bytes.subarray(4 * MiB))
    const { digests, present } = await allDigests(createPool().hashFiles(root, layout, 0, 4), 0)
    expect([...present]).toEqual([1, 1, 0, 0, 1])
    const expected = digestsOf(bytes, MiB)
    expected.fill(0, 40, 80)
    expect(digests).toEqual(expected)
  })

  // Its size is said to be 4096 bytes, and a read gives less: a file that is cut between look and read.
  const shortFile = '/sys/kernel/mm/transparent_hugepage/enabled'
  it.skipIf(!existsSync(shortFile) || statSync(shortFile).size !== 4096)(
    'takes for missing what a read did not give',
    async () => {
      const layout = storageLayout(1024, [{ path: ['enabled'], length: 4096 }])
      const { present } = await allDigests(createPool().hashFiles(dirname(shortFile), layout, 0, 3), 0)
      expect([...present]).toEqual([0, 0, 0, 0])
    },
  )

  it('checks terabytes that are not there at once, and without memory', async () => {
    const layout = storageLayout(4 * MiB, [{ path: ['none'], length: 2 ** 41 }])
    const { present } = await allDigests(createPool().hashFiles(root, layout, 0, 9_999), 0)
    expect(present.every((flag) => flag === 0)).toBe(true)
  })

  it('does a job again when its thread dies', async () => {
    const layout = storageLayout(MiB, [{ path: ['a'], length: 64 * MiB }])
    const bytes = payload(layout.length)
    writeFileSync(join(root, 'a'), bytes)
    const pool = createPool({ workers: 1 })
    const seen: number[] = []
    let isComplete = false
    const digests: Uint8Array[] = []
    pool.hashFiles(root, layout, 0, 63).subscribe({
      next: (batch) => {
        if (E.isLeft(batch)) throw new Error(batch.left.code)
        seen.push(batch.right.first)
        digests.push(batch.right.digests)
        // The next batch is with the thread by the time it dies.
        setImmediate(() => void started[0]!.terminate())
      },
      error: () => undefined,
      complete: () => {
        isComplete = true
      },
    })
    await until(() => isComplete)
    expect(seen).toEqual([0, 16, 32, 48])
    expect(Buffer.compare(Buffer.concat(digests), digestsOf(bytes, MiB))).toBe(0)
    expect(started).toHaveLength(2)
  })

  it('gives up a job that kills every thread, and serves the next one', async () => {
    let deaths = 0
    const pool = createPool({
      workers: 1,
      startWorker: () => {
        const worker = new Worker(workerUrl, { execArgv: [] })
        if (deaths < 3) {
          deaths += 1
          worker.once('message', () => setImmediate(() => void worker.terminate()))
        }
        return worker
      },
    })
    const layout = storageLayout(MiB, [{ path: ['a'], length: 64 * MiB }])
    writeFileSync(join(root, 'a'), payload(64 * MiB))
    expect(await kindOf(pool.hashFiles(root, layout, 0, 63))).toBe('io')
    expect((await allDigests(pool.hashFiles(root, layout, 0, 0), 0)).present).toEqual(Uint8Array.of(1))
  })

  it('comes back with nothing where the bytes died with the thread, and works on', async () => {
    const pool = createPool({ workers: 1 })
    await firstValueFrom(pool.hasher.sha1(payload(MiB)))
    const lost = firstValueFrom(pool.hasher.sha1(payload(100 * MiB)))
    void started[0]!.terminate()
    const { digest, bytes } = await lost
    expect([digest.length, bytes.length]).toEqual([0, 0])
    expect((await firstValueFrom(pool.hasher.sha1(payload(MiB)))).digest).toEqual(sha1(payload(MiB)))
  })

  it('close answers what is under way', async () => {
    const layout = storageLayout(MiB, [{ path: ['a'], length: 64 * MiB }])
    writeFileSync(join(root, 'a'), payload(64 * MiB))
    const pool = createPool({ workers: 1 })
    const kinds = [kindOf(pool.hashFiles(root, layout, 0, 63)), kindOf(pool.hashFiles(root, layout, 0, 63))]
    pool.close()
    expect(await Promise.all(kinds)).toEqual(['closed', 'closed'])
    expect(await kindOf(pool.hashFiles(root, layout, 0, 0))).toBe('closed')
  })
})

describe('an idle pool', () => {
  it('does not hold the process, a busy one does', async () => {
    let holds = true
    const pool = createPool({
      workers: 1,
      startWorker: () => {
        const worker = new Worker(workerUrl, { execArgv: [], env: {} })
        const ref = worker.ref.bind(worker)
        const unref = worker.unref.bind(worker)
        worker.ref = () => {
          holds = true
          ref()
        }
        worker.unref = () => {
          holds = false
          unref()
        }
        return worker
      },
    })
    const answer = firstValueFrom(pool.hasher.sha1(payload(MiB)))
    expect(holds).toBe(true)
    await answer
    await until(() => !holds)
    const again = firstValueFrom(pool.hasher.sha1(payload(MiB)))
    expect(holds).toBe(true)
    await again
    await until(() => !holds)
  })
})
