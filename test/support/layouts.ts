import type { StorageFile, StorageLayout } from '../../src/streams/deps.js'

const file = (
  path: string,
  offset: number,
  length: number,
  more: Partial<StorageFile> = {},
): StorageFile => ({
  path: path.split('/'),
  offset,
  length,
  isPad: false,
  isExecutable: false,
  symlink: undefined,
  ...more,
})

/** 1 000 bytes in pieces of 100: two files, a pad file between them, an empty file and a link. */
export const mixedLayout: StorageLayout = {
  id: 'aa',
  pieceLength: 100,
  length: 1_000,
  files: [
    file('t/a', 0, 450),
    file('t/.pad/50', 450, 50, { isPad: true }),
    file('t/empty', 500, 0),
    file('t/link', 500, 0, { symlink: ['t', 'a'] }),
    file('t/d/b', 500, 500),
  ],
}

/** One file of so many bytes. */
export const plainLayout = (length: number, pieceLength: number, path = 'plain'): StorageLayout => ({
  id: 'bb',
  pieceLength,
  length,
  files: [file(path, 0, length)],
})
