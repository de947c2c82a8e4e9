import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fencedSamples, tabledSamples } from '../support/samples.js'

/** What a user gets: the packed files, installed beside the declared dependencies and nothing else. */

interface Manifest {
  readonly version: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

interface Packed {
  readonly filename: string
  readonly files: ReadonlyArray<{ readonly path: string }>
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
const specifiers = Object.keys(manifest.exports)
  .filter((path) => !path.endsWith('.json'))
  .map((path) => `rxtorrent${path.slice(1)}`)

const GUIDE = 'docs/from-net-bittorrent-session.md'

/** What a sample that goes on from another one has from it. */
const DECODED = `declare const decoded: import('fp-ts/lib/Either.js').Right<import('rxtorrent').Metainfo>`

/** What the guide speaks of besides. */
const GUIDED = [
  `import { readFileSync } from 'node:fs'`,
  `import { firstValueFrom } from 'rxjs'`,
  `import { type Client, decodeMetainfo, type FileState, type Metainfo, session, show } from 'rxtorrent'`,
  `import { type Session, type SessionState } from 'rxtorrent'`,
  `import { encodeCompactPeers } from 'rxtorrent/codecs'`,
  `declare const metainfo: Metainfo`,
  `declare const torrent: Session`,
  `declare const torrents: Client`,
  `declare const state: SessionState`,
  `declare const urls: ReadonlyArray<string>`,
  `declare const path: string`,
  `declare const compact: Uint8Array`,
  `declare const infohash: string`,
  `declare const list: (files: ReadonlyArray<FileState>) => void`,
  `declare const complete: () => void`,
].join('\n')

let user = ''
let files: ReadonlyArray<string> = []

const run = (program: string, ...args: ReadonlyArray<string>): string =>
  execFileSync(program, args, { cwd: user, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()

/** Links a package and all that it needs from our own folder, so that nothing is downloaded. */
const link = (name: string): void => {
  const from = join(root, 'node_modules', name)
  const to = join(user, 'node_modules', name)
  mkdirSync(dirname(to), { recursive: true })
  symlinkSync(from, to, 'junction')
}

const pack = (): Packed => {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', user]
  const [packed] = JSON.parse(
    execFileSync('npm', args, { cwd: root, encoding: 'utf8' }),
  ) as ReadonlyArray<Packed>
  if (packed === undefined) throw new Error('npm packed nothing')
  return packed
}

beforeAll(() => {
  user = mkdtempSync(join(tmpdir(), 'rxtorrent-user-'))
  const packed = pack()
  files = packed.files.map((file) => file.path)
  const installed = join(user, 'node_modules', 'rxtorrent')
  mkdirSync(installed, { recursive: true })
  run('tar', '-xzf', packed.filename, '-C', installed, '--strip-components=1')
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) link(name)
  writeFileSync(join(user, 'package.json'), '{ "name": "user", "private": true, "type": "module" }')
}, 60_000)

afterAll(() => rmSync(user, { recursive: true, force: true }))

describe('the packed files', () => {
  it('are the build, its sources, and the papers', () => {
    const strangers = files.filter(
      (path) => !/^(dist|docs|src)\/|^(package\.json|LICENSE|[A-Z]+\.md)$/.test(path),
    )
    expect(strangers).toEqual([])
    expect(files.filter((path) => path.includes('code-cache'))).toEqual([])
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist/cli.licenses.txt']))
  })

  it('have a source for every module, so that nothing stale is shipped', () => {
    const modules = files.filter((path) => /^dist\/(?!node\/).*\.js$/.test(path))
    const orphans = modules.filter((path) => {
      const source = path.replace(/^dist/, 'src')
      return !files.includes(source) && !files.includes(source.replace(/js$/, 'ts'))
    })
    expect(modules.length).toBeGreaterThan(10)
    expect(orphans).toEqual([])
  })

  it.each(['cli-transfer.cjs', 'cli-start.cjs', 'node/part-operators.js'])(
    'are built of functions that V8 passes over until they are called: %s',
    (file) => {
      const bundle = readFileSync(join(user, 'node_modules/rxtorrent/dist', file), 'utf8')
      // From arrows as they are written, no more than the 34 of what comes from packages.
      expect(bundle.match(/[,\s][\w$]+ ?= ?(?:async )?function ?\(/g)?.length).toBeGreaterThan(80)
    },
  )
})

describe.each(specifiers)('%s', (specifier) => {
  const names = (load: string): ReadonlyArray<string> => {
    const script = `${load}.then((m) => console.log(JSON.stringify(Object.keys(m).sort())))`
    return (JSON.parse(run('node', '--input-type=commonjs', '-e', script)) as ReadonlyArray<string>).filter(
      (name) => name !== 'default' && name !== '__esModule' && name !== 'module.exports',
    )
  }

  it('is the same by import and by require', () => {
    const imported = names(`import('${specifier}')`)
    expect(imported.length).toBeGreaterThan(0)
    expect(names(`Promise.resolve(require('${specifier}'))`)).toEqual(imported)
  })

  it('is the same for Node, in a few files, as for bundlers', () => {
    const conditions = manifest.exports[specifier.replace('rxtorrent', '.')]
    if (typeof conditions !== 'object') throw new Error('no conditions')
    const [forNode, forOthers] = [conditions['node'], conditions['default']].map((path) => {
      const at = JSON.stringify(join(user, 'node_modules', 'rxtorrent', path ?? 'none'))
      return names(`import(require('node:url').pathToFileURL(${at}))`)
    })
    expect(forNode).toEqual(names(`import('${specifier}')`))
    expect(forOthers).toEqual(forNode)
  })
})

describe('the library for Node', () => {
  it('brings the threads that hash', () => {
    const script = `import { createHashPool } from 'rxtorrent/streams'
      const pool = createHashPool()
      pool.hashFiles('.', {
        files: [{ path: ['package.json'], length: 5, offset: 0, isPad: false }],
        pieceLength: 16_384, length: 5, pieceHash: 'sha1',
      }, 0, 0).subscribe((answer) => console.log(answer._tag, answer.right?.digests.length))`
    expect(run('node', '--input-type=module', '-e', script)).toBe('Right 20')
  })
})

/** What the compiler says of a strict user's files, who checks libraries too. */
const compile = (sources: Readonly<Record<string, string>>): string => {
  for (const [name, source] of Object.entries(sources)) writeFileSync(join(user, name), source)
  const compilerOptions = {
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  }
  writeFileSync(join(user, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(sources) }))
  const tsc = join('node_modules', 'typescript', 'bin', 'tsc')
  return spawnSync('node', [tsc, '-p', '.'], { cwd: user, encoding: 'utf8' }).stdout
}

describe('for a strict user', () => {
  beforeAll(() => {
    link('typescript')
    link('@types')
    link('undici-types')
  })

  it('the types compile', () => {
    const imports = specifiers.map((specifier, i) => `import * as m${String(i)} from '${specifier}'`)
    const uses = `export const all: ReadonlyArray<object> = [${specifiers.map((_, i) => `m${String(i)}`).join()}]`
    expect(compile({ 'user.ts': [...imports, uses, ''].join('\n') })).toBe('')
  }, 60_000)

  it('the samples of the README and of docs compile', () => {
    const samples = ['README.md', 'docs/cli.md', 'docs/streams.md', GUIDE].flatMap(fencedSamples)
    expect(samples.length).toBeGreaterThanOrEqual(5)
    const sources = samples.map((code, i): [string, string] => [
      `sample${String(i)}.ts`,
      // The first one decodes a torrent, and the others go by it.
      code.includes('const decoded =') || !code.includes('decoded.') ? code : `${DECODED}\n${code}`,
    ])
    expect(compile(Object.fromEntries(sources))).toBe('')
  }, 60_000)

  it('what the Perl guide has for each method compiles', () => {
    const samples = tabledSamples(GUIDE)
    expect(samples).toHaveLength(27)
    const uses = samples.map((code) => `export const _ = async () => { ${code} }`)
    const sources = uses.map((use, i): [string, string] => [`method${String(i)}.ts`, `${GUIDED}\n${use}\n`])
    expect(compile(Object.fromEntries(sources))).toBe('')
  }, 60_000)
})

describe('the command', () => {
  const command = (): string => join(user, 'node_modules', 'rxtorrent', 'dist', 'cli.cjs')

  it('can be executed, without the packages that it inlines', () => {
    expect(statSync(command()).mode & 0o111).not.toBe(0)
    expect(run(command(), '--version')).toBe(manifest.version)
  })

  it('is one program: it imports nothing but Node, and brings its hash worker', () => {
    const folder = dirname(command())
    const source = readdirSync(folder)
      .filter((file) => /^cli.*\.cjs$/.test(file))
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n')
    const forms = [/^import .*?from ["']([^"']+)["'];?$/gm, /\b(?:require|import)\(["'`]([^"'`]+)["'`]\)/g]
    const imported = forms.flatMap((form) => [...source.matchAll(form)].map((match) => match[1] ?? ''))
    expect(imported).toEqual(expect.arrayContaining(['node:crypto', './cli-commandLine.cjs']))
    expect(imported.filter((from) => !/^(node:|url$|\.\/cli[-.])/.test(from))).toEqual([])
    const worker = /new URL\(["'`]([^"'`]+hashWorker\.cjs)["'`],/.exec(source)?.[1]
    expect(worker).toBeDefined()
    expect(existsSync(join(folder, worker ?? ''))).toBe(true)
  })
})
