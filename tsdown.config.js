import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'tsdown'

/** A module of a package, as the package's own files find it; what is not used of it is left out. */
const moduleOf = (path) => ({ id: realpathSync(join('node_modules', path)), moduleSideEffects: false })

const NOTHING = '\0nothing'

/** The folder of the package that a bundled module comes from; undefined for our own. */
const packageOf = (moduleId) =>
  /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(moduleId.replace(/^\0/, ''))?.[0]

const licenseOf = (folder) => {
  const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined) throw new Error(`${name} has no licence file`)
  return `${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
}

/** The modules that come with these files of ours, by what imports what among the chunks. */
const modulesWith = (chunks, ...sources) => {
  const found = new Set(
    chunks.filter(({ facadeModuleId }) => sources.some((source) => facadeModuleId?.endsWith(source))),
  )
  for (const { imports } of found)
    for (const chunk of chunks) if (imports.includes(chunk.fileName)) found.add(chunk)
  return new Set([...found].flatMap(({ moduleIds }) => moduleIds))
}

/** What belongs in one file: what each start needs, and what the commands need besides that only show something. */
const groupsOf = (chunks) => {
  const start = modulesWith(chunks, 'cli/main.ts')
  const quick = modulesWith(chunks, 'cli/perform.ts', 'commands/info.ts', 'commands/magnet.ts')
  return [
    { name: 'start', test: (id) => start.has(id) },
    { name: 'quick', test: (id) => quick.has(id) },
  ]
}

/**
 * The command as a few files with all that it uses: it starts in a fraction of the time that hundreds of files take, and
 * users of the library do not install what only the command needs. The library itself comes from tsc, file by file.
 * Of its files only the hash worker is used by both.
 *
 * Run by node: the command `tsdown` has more to say than what went wrong.
 */
const options = {
  config: false,
  entry: { cli: 'src/cli/main.ts' },
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  outDir: 'dist',
  clean: true,
  dts: false,
  hash: false,
  logLevel: 'error',
  deps: { alwaysBundle: [/^(?:rxjs|fp-ts|io-ts|#fp)(?:\/|$)/], onlyBundle: false },
  // ES modules, where a package has them too: of CommonJS nothing can be left out.
  inputOptions: {
    resolve: { conditionNames: ['es2015', 'module', 'import', 'default'], mainFields: ['module', 'main'] },
  },
  outputOptions: { chunkFileNames: 'cli-[name].mjs' },
  plugins: [
    {
      name: 'fp-ts',
      resolveId: (source) =>
        source.startsWith('#fp/') ? moduleOf(`fp-ts/es6/${source.slice(4)}.js`) : undefined,
    },
    {
      name: 'rxjs',
      resolveId: (source) => (source === 'rxjs' ? moduleOf('rxjs/dist/esm/index.js') : undefined),
    },
    {
      // Commander can run other programs as commands. Ours are its own, and each start would pay for that.
      name: 'no-child-processes',
      resolveId: (source) => (source === 'node:child_process' ? NOTHING : undefined),
      load: (id) => (id === NOTHING ? 'export {}' : undefined),
    },
    {
      name: 'worker-of-the-library',
      transform: (code, id) =>
        id.endsWith('hashPool.ts')
          ? code.replace('./hashWorker.js', './streams/node/hashWorker.js')
          : undefined,
    },
    {
      name: 'licences-of-what-is-inlined',
      generateBundle(_options, bundle) {
        const modules = Object.values(bundle).flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []))
        const folders = new Set(
          modules.map(packageOf).filter((folder) => folder !== undefined && existsSync(folder)),
        )
        const source = [...folders].map(licenseOf).sort().join('\n---\n\n')
        this.emitFile({ type: 'asset', fileName: 'cli.licenses.txt', source })
      },
    },
  ],
}

// Twice: what belongs together is known when it was split once.
const [{ chunks }] = await build({ ...options, write: false })
await build({
  ...options,
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  outputOptions: {
    ...options.outputOptions,
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: groupsOf(chunks),
    },
  },
})
