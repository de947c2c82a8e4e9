import * as O from '#fp/Option'
import type { Metainfo } from '../index.js'
import { formatBytes } from './format/bytes.js'
import { formatCount } from './format/count.js'
import { plainText } from './format/plainText.js'
import type { Paint } from './world.js'

/** What a .torrent file says, as a program reads it (`info --json`). */
export const infoObject = (metainfo: Metainfo): object => ({
  name: metainfo.name,
  infoHash: { v1: hexOrNull(metainfo.infohash.v1), v2: hexOrNull(metainfo.infohash.v2) },
  files: metainfo.files
    .filter((file) => !file.isPad)
    .map((file) => ({ path: file.path.join('/'), length: file.length })),
  pieceLength: metainfo.pieceLength,
  pieceCount: metainfo.pieceCount,
  totalSize: metainfo.totalSize,
  private: metainfo.isPrivate,
  trackers: metainfo.trackers,
  webSeeds: metainfo.webSeeds,
})

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
export const hexOrNull = (hash: O.Option<Uint8Array>): string | null => O.toNullable(O.map(hex)(hash))

export type Row = readonly [label: string, value: string]

/** What a .torrent file says, for people: facts first, then the files. Safe to print. */
export const infoText = (metainfo: Metainfo, paint: Paint): string => {
  const files = metainfo.files.filter((file) => !file.isPad)
  const sizes = files.map((file) => formatBytes(file.length))
  const numberWidth = String(files.length).length
  const sizeWidth = sizes.reduce((widest, size) => Math.max(widest, size.length), 0)
  return [
    paint('bold', plainText(metainfo.name)),
    ...factLines(factsOf(metainfo, files.length), paint),
    '',
    ...files.map((file, index) => {
      const number = paint('dim', String(index + 1).padStart(numberWidth))
      return `  ${number}  ${(sizes[index] ?? '').padStart(sizeWidth)}  ${fileText(file)}`
    }),
  ].join('\n')
}

/** Labels in one column, values in the next. */
export const factLines = (facts: ReadonlyArray<Row>, paint: Paint): ReadonlyArray<string> => {
  const labelWidth = facts.reduce((widest, [label]) => Math.max(widest, label.length), 0)
  return facts.map(([label, value]) => `  ${paint('dim', label.padEnd(labelWidth))}  ${value}`)
}

const factsOf = (metainfo: Metainfo, fileCount: number): ReadonlyArray<Row> => [
  ['size', `${formatBytes(metainfo.totalSize)} in ${formatCount(fileCount, 'file')}`],
  ['pieces', `${String(metainfo.pieceCount)} of ${formatBytes(metainfo.pieceLength)}`],
  ['version', metainfo.isPrivate ? `${metainfo.version}, private` : metainfo.version],
  ...optional('infohash v1', O.map(hex)(metainfo.infohash.v1)),
  ...optional('infohash v2', O.map(hex)(metainfo.infohash.v2)),
  ...metainfo.trackers.flatMap((tier, index) =>
    tier.map((url): Row => [`tracker ${String(index + 1)}`, plainText(url)]),
  ),
  ...[...metainfo.webSeeds, ...metainfo.httpSeeds].map((url): Row => ['web seed', plainText(url)]),
  ...optional('comment', O.map(plainText)(metainfo.comment)),
  ...optional('created by', O.map(plainText)(metainfo.createdBy)),
  ...optional('created', O.chain(dateText)(metainfo.creationDate)),
]

export const optional = (label: string, value: O.Option<string>): ReadonlyArray<Row> =>
  O.isSome(value) ? [[label, value.value]] : []

const LATEST_MS = 8.64e15

const dateText = (seconds: number): O.Option<string> =>
  Math.abs(seconds * 1000) <= LATEST_MS
    ? O.some(`${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`)
    : O.none

const fileText = ({ path, symlink }: Metainfo['files'][number]): string => {
  const text = plainText(path.join('/'))
  return O.match(
    () => text,
    (target: ReadonlyArray<string>) => `${text} -> ${plainText(target.join('/'))}`,
  )(symlink)
}
