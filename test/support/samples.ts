import { readFileSync } from 'node:fs'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** The fenced TypeScript of a document, in order. */
export const fencedSamples = (path: string): ReadonlyArray<string> =>
  Array.from(read(path).matchAll(/^```ts\n([^]*?)^```$/gm), ([, code = '']) => code)

/** The code in the last column of the tables of a document, in order. */
export const tabledSamples = (path: string): ReadonlyArray<string> =>
  Array.from(read(path).matchAll(/^\| \d+ .*\| `([^`]+)` +\|$/gm), ([, code = '']) => code)
