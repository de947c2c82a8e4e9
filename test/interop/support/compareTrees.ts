import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const filesOf = (root: string): ReadonlyArray<string> =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => !statSync(join(root, path)).isDirectory())
    .sort()

const compareFile = (expected: string, actual: string): string | undefined => {
  const [a, b] = [readFileSync(expected), readFileSync(actual)]
  if (a.equals(b)) return undefined
  if (a.length !== b.length) return `has ${String(b.length)} bytes, not ${String(a.length)}`
  return `differs from byte ${String(a.findIndex((byte, i) => byte !== b[i]))}`
}

export interface Comparison {
  /** Empty files may be missing. */
  readonly exceptEmptyFiles?: boolean
}

/** Every difference between two folders, one line each: names, lengths, and every byte. */
export const compareTrees = (
  expected: string,
  actual: string,
  { exceptEmptyFiles = false }: Comparison = {},
): ReadonlyArray<string> => {
  const [wanted, found] = [filesOf(expected), filesOf(actual)]
  const missing = wanted
    .filter((path) => !found.includes(path))
    .filter((path) => !(exceptEmptyFiles && statSync(join(expected, path)).size === 0))
    .map((path) => `${path}: missing`)
  const extra = found.filter((path) => !wanted.includes(path)).map((path) => `${path}: should not be there`)
  const different = wanted
    .filter((path) => found.includes(path))
    .map((path) => [path, compareFile(join(expected, path), join(actual, path))] as const)
    .filter(([, difference]) => difference !== undefined)
    .map(([path, difference]) => `${path}: ${difference ?? ''}`)
  return [...missing, ...extra, ...different]
}
