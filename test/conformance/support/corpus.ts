import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as t from 'io-ts'
import * as E from '#fp/Either'

/** The corpus; a suite without it must fail, not pass with nothing checked. */
export const corpusPath = (...path: ReadonlyArray<string>): string => {
  const root = process.env['RXTORRENT_CORPUS']
  if (root === undefined || root === '') throw new Error('set RXTORRENT_CORPUS to the folder of the corpus')
  return join(root, ...path)
}

export const readTorrent = (file: string): Uint8Array => readFileSync(corpusPath('torrents', file))

const validated = <A>(codec: t.Type<A>, value: unknown): A => {
  const result = codec.decode(value)
  if (E.isLeft(result)) throw new Error(`the corpus has another form than ${codec.name}`)
  return result.right
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(corpusPath(file), 'utf8'))

/** One group of vectors.json. */
export const readVectors = <A>(group: string, codec: t.Type<A>): A =>
  validated(codec, validated(t.record(t.string, t.unknown), readJson('vectors.json'))[group])

const Details = t.record(
  t.string,
  t.type({
    files: t.array(
      t.union([t.tuple([t.string, t.number, t.string, t.string]), t.tuple([t.string, t.number, t.string])]),
    ),
    trackers: t.array(t.tuple([t.number, t.string])),
    web_seeds: t.array(t.tuple([t.number, t.string])),
    nodes: t.array(t.tuple([t.string, t.number])),
  }),
)
export type Details = t.TypeOf<typeof Details>

export const readDetails = (): Details => validated(Details, readJson('details.json'))

/** Rows of expected.csv by column name. */
export const readExpected = (): ReadonlyArray<Readonly<Record<string, string>>> => {
  const [header = [], ...rows] = parseCsv(readFileSync(corpusPath('expected.csv'), 'utf8'))
  return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? ''])))
}

const parseCsv = (text: string): ReadonlyArray<ReadonlyArray<string>> =>
  [...text.matchAll(/(?:(?:"(?:[^"]|"")*"|[^,\r\n"]*)(?:,|(?=\r?\n|$)))+/g)]
    .map(([line]) => line)
    .filter((line) => line !== '')
    .map((line) =>
      [...line.matchAll(/("(?:[^"]|"")*"|[^,"]*)(?:,|$)/g)].map(([, cell = '']) =>
        cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
      ),
    )
