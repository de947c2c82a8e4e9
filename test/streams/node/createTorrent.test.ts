import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lastValueFrom, take, tap, toArray } from 'rxjs'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Metainfo } from '../../../src/codecs/metainfoModel.js'
import { decodeMetainfo } from '../../../src/codecs/metainfo/decodeMetainfo.js'
import { createTorrent } from '../../../src/streams/node/createTorrent.js'
import type {
  CreateError,
  CreateEvent,
  CreateTorrentOptions,
} from '../../../src/streams/node/createTorrent.js'
import { createHashPool } from '../../../src/streams/node/hashPool.js'
import { openFilesBelow } from '../../support/openFilesBelow.js'
import { payload } from '../../support/storageLayout.js'
import { until } from '../../support/until.js'

const hashPool = createHashPool({ workers: 1 })
afterAll(() => {
  hashPool.close()
})

const MiB = 1024 * 1024
let top: string
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'rxtorrent-'))
})
afterEach(async () => {
  await until(() => openFilesBelow(top).length === 0)
  rmSync(top, { recursive: true })
})

const put = (path: ReadonlyArray<string>, bytes: Uint8Array): void => {
  mkdirSync(join(top, ...path.slice(0, -1)), { recursive: true })
  writeFileSync(join(top, ...path), bytes)
}

const run = (
  options: Omit<CreateTorrentOptions, 'path'> & { readonly path: string },
): Promise<Array<E.Either<CreateError, CreateEvent>>> =>
  lastValueFrom(createTorrent({ hashPool, ...options, path: join(top, options.path) }).pipe(toArray()))

const create = async (options: CreateTorrentOptions): Promise<Metainfo> => {
  const last = (await run(options)).at(-1)
  if (last === undefined || E.isLeft(last) || last.right._tag !== 'Created')
    throw new Error(JSON.stringify(last))
  const metainfo = decodeMetainfo(last.right.torrent)
  if (E.isLeft(metainfo)) throw new Error(JSON.stringify(metainfo.left))
  return metainfo.right
}

const errorOf = async (options: CreateTorrentOptions): Promise<CreateError | undefined> => {
  const last = (await run(options)).at(-1)
  return last !== undefined && E.isLeft(last) ? last.left : undefined
}

const digestsOf = (bytes: Uint8Array, pieceLength: number): Buffer =>
  Buffer.concat(
    [...Array(Math.ceil(bytes.length / pieceLength)).keys()].map((piece) =>
      createHash('sha1')
        .update(bytes.subarray(piece * pieceLength, (piece + 1) * pieceLength))
        .digest(),
    ),
  )

describe('createTorrent', () => {
  it('shares a file', async () => {
    const bytes = payload(100_001)
    put(['a file.bin'], bytes)
    const metainfo = await create({
      path: 'a file.bin',
      trackers: [['http://a.example/announce'], ['udp://b.example:1']],
    })
    expect(metainfo.name).toBe('a file.bin')
    expect(metainfo.files.map(({ path, length }) => [path, length])).toEqual([[['a file.bin'], 100_001]])
    expect(metainfo.pieceLength).toBe(16 * 1024)
    expect(Buffer.compare(metainfo.pieces, digestsOf(bytes, 16 * 1024))).toBe(0)
    expect(metainfo.trackers).toEqual([['http://a.example/announce'], ['udp://b.example:1']])
    expect(metainfo.isPrivate).toBe(false)
  })

  it('shares a folder: every file, empty and hidden ones too, in the byte order of names', async () => {
    const contents = new Map([
      ['Z', payload(3, 1)],
      ['a/b/c', payload(40_000, 2)],
      ['a/empty', new Uint8Array(0)],
      ['a.txt', payload(7, 3)],
      ['.hidden', payload(5, 4)],
      ['é', payload(6, 5)],
      ['~', payload(1, 6)],
      // Found by place, not by name.
      ['6:pieces', payload(9, 7)],
    ])
    for (const [path, bytes] of contents) put(['folder', ...path.split('/')], bytes)
    mkdirSync(join(top, 'folder', 'empty folder'))
    const metainfo = await create({
      path: 'folder',
      name: 'shared',
      pieceLength: 1 << 15,
      isPrivate: true,
      comment: 'hello',
    })
    const order = ['.hidden', '6:pieces', 'Z', 'a/b/c', 'a/empty', 'a.txt', '~', 'é']
    expect(metainfo.files.map(({ path }) => path.join('/'))).toEqual(order.map((path) => `shared/${path}`))
    const stream = Buffer.concat(order.map((path) => contents.get(path)!))
    expect(Buffer.compare(metainfo.pieces, digestsOf(stream, 1 << 15))).toBe(0)
    expect(metainfo.isPrivate).toBe(true)
  })

  it('shares every file of a large folder, with another in its middle', async () => {
    const names = [...Array(20).keys()].map((n) => `f${String(n).padStart(2, '0')}`)
    for (const name of names) put(['many', name], payload(5))
    put(['many', 'f09d', 'x'], payload(5))
    const { files } = await create({ path: 'many' })
    const order = [...names.slice(0, 10), 'f09d/x', ...names.slice(10)]
    expect(files.map(({ path }) => path.slice(1).join('/'))).toEqual(order)
  })

  it('gives the same bytes each time', async () => {
    put(['f', 'a'], payload(10))
    put(['f', 'b'], payload(20))
    const [first, second] = [await run({ path: 'f' }), await run({ path: 'f' })]
    expect(first.at(-1)).toEqual(second.at(-1))
  })

  it('tells how far it is', async () => {
    put(['big'], payload(80 * MiB))
    const events = await run({ path: 'big', pieceLength: MiB })
    expect(
      events
        .slice(0, -1)
        .map((event) => (E.isRight(event) && event.right._tag === 'Hashing' ? event.right.hashedPieces : -1)),
    ).toEqual([0, 16, 32, 48, 64, 80])
    expect(events.at(-2)).toEqual(
      E.right({
        _tag: 'Hashing',
        hashedPieces: 80,
        pieceCount: 80,
        hashedBytes: 80 * MiB,
        totalSize: 80 * MiB,
      }),
    )
  })

  it('stops when unsubscribed, and closes the pool that it made', async () => {
    put(['big'], payload(80 * MiB))
    const events = await lastValueFrom(
      createTorrent({ path: join(top, 'big'), pieceLength: MiB }).pipe(take(2), toArray()),
    )
    expect(events).toHaveLength(2)
  })

  it('follows a symlink that is the path itself, and keeps its name', async () => {
    put(['real', 'a'], payload(10))
    symlinkSync(join(top, 'real'), join(top, 'link'), 'junction')
    const metainfo = await create({ path: 'link' })
    expect(metainfo.files.map(({ path }) => path.join('/'))).toEqual(['link/a'])
  })

  it.skipIf(process.platform === 'win32')(
    'leaves nothing out in silence: symlinks, pipes and names that are not UTF-8 are errors',
    async () => {
      put(['s', 'a'], payload(10))
      symlinkSync('a', join(top, 's', 'link'))
      expect(await errorOf({ path: 's' })).toEqual({
        _tag: 'UnsupportedEntry',
        file: 'link',
        kind: 'symlink',
      })
      put(['p', 'd', 'a'], payload(10))
      execFileSync('mkfifo', [join(top, 'p', 'd', 'pipe')])
      expect(await errorOf({ path: 'p' })).toEqual({
        _tag: 'UnsupportedEntry',
        file: 'd/pipe',
        kind: 'special',
      })
      expect(await errorOf({ path: 'p/d/pipe' })).toMatchObject({ _tag: 'UnsupportedEntry', kind: 'special' })
      mkdirSync(join(top, 'n'))
      writeFileSync(Buffer.concat([Buffer.from(`${top}/n/`), Buffer.of(0x61, 0xff)]), 'x')
      expect(await errorOf({ path: 'n' })).toMatchObject({ _tag: 'UnsupportedEntry', kind: 'name' })
      mkdirSync(join(top, 'm'))
      mkdirSync(Buffer.concat([Buffer.from(`${top}/m/`), Buffer.of(0x61, 0xff)]))
      expect(await errorOf({ path: 'm' })).toMatchObject({ _tag: 'UnsupportedEntry', kind: 'name' })
    },
  )

  it('says what is wrong before it hashes', async () => {
    put(['a'], payload(MiB))
    put(['e', 'empty'], new Uint8Array(0))
    expect(await errorOf({ path: 'none' })).toMatchObject({
      _tag: 'StorageError',
      kind: 'missing',
      file: 'none',
    })
    expect(await errorOf({ path: 'e' })).toEqual({ _tag: 'NothingToShare' })
    expect(await errorOf({ path: 'e/empty' })).toEqual({ _tag: 'NothingToShare' })
    const wrong: ReadonlyArray<Partial<CreateTorrentOptions>> = [
      { pieceLength: 0 },
      { pieceLength: -16384 },
      { pieceLength: Number.NaN },
      { pieceLength: Infinity },
      { pieceLength: 0.1 },
      { name: '..' },
      { trackers: [['not a url']] },
    ]
    for (const options of wrong) {
      const events = await run({ path: 'a', ...options })
      expect(events).toHaveLength(1)
      expect(events[0]).toMatchObject({ _tag: 'Left', left: { _tag: 'InvalidDraft' } })
    }
  })

  it('notices a file that gets shorter while it is hashed', async () => {
    put(['f', 'a'], payload(40 * MiB))
    put(['f', 'b'], payload(40 * MiB))
    const events = await lastValueFrom(
      createTorrent({ path: join(top, 'f'), pieceLength: MiB, hashPool }).pipe(
        tap((event) => {
          if (E.isRight(event) && event.right._tag === 'Hashing' && event.right.hashedPieces === 0) {
            truncateSync(join(top, 'f', 'b'), 100)
          }
        }),
        toArray(),
      ),
    )
    expect(events.at(-1)).toMatchObject({
      _tag: 'Left',
      left: { _tag: 'StorageError', kind: 'missing', file: 'b' },
    })
  })

  it.skipIf(process.platform === 'win32')('reports a folder that it may not read', async () => {
    put(['f', 'd', 'a'], payload(10))
    chmodSync(top, 0o755)
    chmodSync(join(top, 'f', 'd'), 0)
    const isRoot = process.getuid?.() === 0
    if (isRoot) process.seteuid?.(65534)
    try {
      expect(await errorOf({ path: 'f' })).toMatchObject({
        _tag: 'StorageError',
        kind: 'permission',
        file: 'd',
      })
    } finally {
      if (isRoot) process.seteuid?.(0)
      chmodSync(join(top, 'f', 'd'), 0o755)
    }
  })
})
