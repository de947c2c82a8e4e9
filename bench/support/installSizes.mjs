import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bytesIn } from './bytesIn.mjs'

/**
 * @typedef {object} PackageJson
 * @property {Readonly<Record<string, string>>} [dependencies]
 * @property {Readonly<Record<string, string>>} [peerDependencies]
 * @property {Readonly<Record<string, string | { readonly node: string }>>} exports
 */

const root = fileURLToPath(new URL('../..', import.meta.url))

/** @param {string} folder @returns {PackageJson} */
const readPackage = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

export const ourPackage = () => readPackage(root)

/** Packages that come along, whoever asks for them; all lie side by side. @param {string} modules @param {PackageJson} of */
const dependenciesOf = (modules, of) => {
  /** @type {Set<string>} */
  const found = new Set()
  const waiting = [of]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const name of Object.keys({ ...next.dependencies, ...next.peerDependencies })) {
      const folder = join(modules, name)
      if (found.has(name) || !existsSync(folder)) continue
      found.add(name)
      waiting.push(readPackage(folder))
    }
  }
  return [...found].sort()
}

/** @param {number} bytes */
const showMiB = (bytes) => `${(bytes / 1024 / 1024).toFixed(2)} MiB`

/** @typedef {{ readonly unpackedSize: number, readonly files: ReadonlyArray<{ readonly path: string, readonly size: number }> }} Packed */

/**
 * What an installation puts on the disk, ours and webtorrent's where it is there; a line each.
 *
 * @param {string} cache
 * @returns {ReadonlyArray<string>}
 */
export const installSizes = (cache) => {
  /** @type {ReadonlyArray<Packed>} */
  const packed = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  )
  const { unpackedSize = 0, files = [] } = packed[0] ?? {}
  const dist = files.filter(({ path }) => path.startsWith('dist/')).reduce((sum, { size }) => sum + size, 0)
  const modules = join(root, 'node_modules')
  const names = dependenciesOf(modules, ourPackage())
  const theirs = names.map((name) => bytesIn(join(modules, name))).reduce((sum, size) => sum + size, 0)
  const lines = [
    `installed: ${showMiB(unpackedSize)}, of them dist ${showMiB(dist)}; ` +
      `with ${String(names.length)} dependencies (${names.join(', ')}) ${showMiB(unpackedSize + theirs)}`,
  ]
  const others = join(cache, 'webtorrent/node_modules')
  if (!existsSync(join(others, 'webtorrent'))) return lines
  const along = dependenciesOf(others, readPackage(join(others, 'webtorrent')))
  const weight = ['webtorrent', ...along].map((name) => bytesIn(join(others, name)))
  const sum = weight.reduce((total, size) => total + size, 0)
  return [...lines, `webtorrent: with ${String(along.length)} dependencies ${showMiB(sum)}`]
}
