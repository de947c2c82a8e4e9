/**
 * How long the command takes to start, and to load each sub-path of the library, against `node -e 0`, in turns. The mark
 * is 1.5 for `info`. Needs `npm run build`.
 *
 * usage: node bench/scale/startup.mjs [--runs N]
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { load } from '../kernels/kernel.mjs'
import { showMark } from './support/mark.mjs'

const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '20' } } })
const { makeMetainfo } = /** @type {typeof import('../../src/index.js')} */ (await load('index.js'))
const most = 1.5

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'rxtorrent-start-'))
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true })
})
const file = join(folder, 'some.torrent')
const made = makeMetainfo({
  name: 'some',
  content: 1000 * 262_144,
  pieceLength: 262_144,
  pieces: new Uint8Array(20_000),
})
if (made._tag === 'Left') throw new Error(JSON.stringify(made.left))
writeFileSync(file, made.right)

/** @type {{ readonly exports: Readonly<Record<string, unknown>> }} */
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const paths = Object.keys(manifest.exports).filter((path) => !path.endsWith('.json'))
const cli = join(root, 'dist', 'cli.cjs')

/** @type {ReadonlyArray<{ readonly name: string, readonly args: ReadonlyArray<string>, readonly most?: number }>} */
const starts = [
  { name: 'node -e 0', args: ['-e', '0'] },
  { name: 'rxtorrent info FILE', args: [cli, 'info', file], most },
  { name: 'rxtorrent info FILE --json', args: [cli, 'info', file, '--json'], most },
  { name: 'rxtorrent magnet FILE', args: [cli, 'magnet', file], most },
  { name: 'rxtorrent --version', args: [cli, '--version'], most },
  { name: 'rxtorrent --help', args: [cli, '--help'], most },
  { name: 'rxtorrent verify FILE of nothing', args: [cli, 'verify', file, '--data', folder] },
  ...paths.map((path) => ({
    name: `import 'rxtorrent${path.slice(1)}'`,
    args: ['--input-type=module', '-e', `import 'rxtorrent${path.slice(1)}'`],
  })),
]

/** @type {number[][]} */
const times = starts.map(() => [])
for (let run = 0; run < Number(options.runs); run++) {
  for (const [i, { args }] of starts.entries()) {
    const start = performance.now()
    spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
    times[i]?.push(performance.now() - start)
  }
}
const medians = times.map((all) => all.toSorted((a, b) => a - b)[all.length >> 1] ?? NaN)
const bare = medians[0] ?? NaN
for (const [i, { name, most: bound }] of starts.entries()) {
  const median = medians[i] ?? NaN
  const ratio = median / bare
  console.log(
    showMark(
      name,
      `${median.toFixed(0).padStart(5)} ms, ${ratio.toFixed(2)}×`,
      bound === undefined ? undefined : ratio <= bound,
    ),
  )
}
