import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { toHex } from '../../src/codecs/bytes.js'
import { showDecodeError } from '../../src/codecs/errors.js'
import type { FileEntry, Metainfo } from '../../src/codecs/metainfo.js'
import { decodeMetainfo } from '../../src/codecs/metainfo.js'
import { readDetails, readExpected, readTorrent } from './support/corpus.js'

const rows = readExpected()
const details = readDetails()

const hex = (hash: O.Option<Uint8Array>): string => (O.isSome(hash) ? toHex(hash.value) : '')

const flags = (file: FileEntry): string =>
  (file.isPad ? 'p' : '') +
  (file.isExecutable ? 'x' : '') +
  (file.isHidden ? 'h' : '') +
  (O.isSome(file.symlink) ? 'l' : '')

type Listed = readonly [path: string, length: number, flags: string, symlink?: string]

const listed = (file: FileEntry): Listed => {
  const entry = [file.path.join('/'), file.length, flags(file)] as const
  return O.isSome(file.symlink) ? [...entry, file.symlink.value.join('/')] : entry
}

/** What the reference adds to a v2-only torrent: a pad file behind the last file, that no piece is cut from. */
const withoutTailPad = (files: ReadonlyArray<Listed>, version: Metainfo['version']): ReadonlyArray<Listed> =>
  version === 'v2' && files.at(-1)?.[2] === 'p' ? files.slice(0, -1) : files

type Change = (files: ReadonlyArray<Listed>) => ReadonlyArray<Listed>

const renamed =
  (from: string, to: string): Change =>
  (files) =>
    files.map(([path, length, letters]) => [path.replace(from, to), length, letters])

/** Rows where we mean to differ from the reference, and how. */
const DIFFERENT_FILES: Readonly<Record<string, Change>> = {
  // A pad file lies below the root, like any other.
  'libtorrent/pad_file_no_path.torrent': renamed('.pad/', 'temp/.pad/'),
  // A pad file keeps the path that it was given.
  'libtorrent/v2_hybrid.torrent': renamed('/.pad/', '/'),
  // The order of files is that of the torrent, around an empty one too.
  'libtorrent/empty-files-2.torrent': ([small, pad, empty, ...rest]) => [small!, empty!, pad!, ...rest],
  // A file never takes the place of its folder.
  'libtorrent/v2_invalid_filename2.torrent': ([first, second, ...rest]) => [
    first!,
    ['test/_.1', second![1], ''],
    ...rest,
  ],
}
/** The corpus calls it undecided: its piece layer does not hash to its root, and such data can never be checked. */
const UNDECIDED = 'libtorrent/v2_invalid_root_hash.torrent'
const DIFFERENT_TRACKERS: Readonly<Record<string, number>> = {
  // One of the two has no scheme.
  'libtorrent/sample.torrent': 1,
}

const isContained = (metainfo: Metainfo): boolean =>
  metainfo.files.every((file) =>
    [file.path, ...(O.isSome(file.symlink) ? [file.symlink.value] : [])].every(
      (path) =>
        path.length > 0 &&
        path[0] === metainfo.name &&
        path.every(
          (element) => element !== '' && element !== '.' && element !== '..' && !/[/\\\p{Cc}]/u.test(element),
        ),
    ),
  )

const folded = (file: FileEntry): string => file.path.join('/').normalize('NFC').toLowerCase()

describe('expected.csv', () => {
  it('has the rows it had when this was written', () => {
    expect(rows).toHaveLength(206)
    console.info(`metainfo conformance: ${String(rows.length)} torrents`)
  })

  it.each(rows.map((row) => [row['file'] ?? '', row] as const))('%s', (file, row) => {
    const bytes = readTorrent(file)
    decodeMetainfo(bytes)
    const memory = process.memoryUsage()
    const before = performance.now()
    const result = decodeMetainfo(bytes)
    const elapsed = performance.now() - before
    const after = process.memoryUsage()
    expect(elapsed).toBeLessThan(250)
    expect(after.heapUsed + after.arrayBuffers - memory.heapUsed - memory.arrayBuffers).toBeLessThan(
      64 * 2 ** 20,
    )

    const policy = row['policy'] ?? ''
    if (policy === 'reject' || file === UNDECIDED) {
      expect(result._tag, 'refused').toBe('Left')
      return
    }
    if (policy === 'contained' && E.isLeft(result)) return
    if (E.isLeft(result)) throw new Error(showDecodeError(result.left))
    const metainfo = result.right
    expect(isContained(metainfo)).toBe(true)
    const onDisk = metainfo.files.filter(({ isPad }) => !isPad)
    expect(new Set(onDisk.map(folded)).size).toBe(onDisk.length)

    if (row['expect'] === 'ok') {
      expect(hex(metainfo.infohash.v1)).toBe(row['info_hash_v1'])
      expect(hex(metainfo.infohash.v2)).toBe(row['info_hash_v2'])
      expect(metainfo.pieceLength).toBe(Number(row['piece_length']))
      expect(metainfo.pieceCount).toBe(Number(row['num_pieces']))
    }
    const expectedFiles = withoutTailPad(details[file]?.files ?? [], metainfo.version)
    if (policy !== 'accept') {
      if (row['expect'] === 'ok') expect(metainfo.files).toHaveLength(expectedFiles.length)
      return
    }
    const ours = DIFFERENT_FILES[file] ?? ((files) => files)
    expect(metainfo.name).toBe(row['name'])
    expect(metainfo.files.map(listed)).toEqual(ours(expectedFiles))
    const tail =
      Number(row['num_files']) > metainfo.files.length ? (details[file]?.files.at(-1)?.[1] ?? 0) : 0
    expect(metainfo.streamLength + tail).toBe(Number(row['total_size']))
    const note = row['policy_note'] ?? ''
    expect(metainfo.isPrivate).toBe(row['private'] === '1' && !note.includes('only integer 1 means private'))
    if (note.includes('tracker is dropped')) expect(metainfo.trackers.flat().length).toBeLessThanOrEqual(1)
    else expect(metainfo.trackers.flat()).toHaveLength(DIFFERENT_TRACKERS[file] ?? Number(row['trackers']))
    const seeds = [...metainfo.webSeeds, ...metainfo.httpSeeds]
    expect(seeds).toEqual(
      note.includes('web seed is dropped') ? [] : details[file]?.web_seeds.map(([, url]) => url),
    )
    const nodes = details[file]?.nodes.map(([host, port]) => ({ host, port })) ?? []
    expect(metainfo.nodes).toEqual(nodes.slice(0, 100))
  })
})
