import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'tsdown'
import { withLazyFunctions } from './build/lazyFunctions.js'

/** A module of a package, as the package's own files find it; what is not used of it is left out. */
const moduleOf = (path) => ({ id: realpathSync(join('node_modules', path)), moduleSideEffects: false })

/** Of Node, what few runs use, or late: a millisecond or more to load each. */
const LATE = new Map([
  ['node:dgram', ['createSocket']],
  ['node:dns', ['lookup']],
  ['node:dns/promises', ['lookup']],
  ['node:http', ['Agent', 'createServer', 'request']],
  ['node:https', ['Agent', 'request']],
  ['node:net', ['connect', 'createServer', 'isIP', 'isIPv6']],
  ['node:tls', ['connect']],
  ['node:tty', ['isatty']],
  ['node:worker_threads', ['Worker']],
  ['node:zlib', ['gunzip']],
])
const LATE_PREFIX = '\0late:'

/** A stand-in for one of them, that loads it at the first call: functions and `new`, but no statics and no `instanceof`. */
const lateModule = (name) => {
  const late = LATE.get(name).map((member) => `export const ${member} = late('${member}')`)
  return `const late = (member) => function (...args) {
  const it = process.getBuiltinModule('${name}')[member]
  return new.target === undefined ? it(...args) : new it(...args)
}
${late.join('\n')}
`
}

/** With another text in place of one that has to be there. */
const replaced = (code, text, by) => {
  const other = code.replace(text, by)
  if (other === code) throw new Error(`nothing to replace: ${text}`)
  return other
}

/** The folder of the package that a bundled module comes from; undefined for our own. */
const packageOf = (moduleId) =>
  /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(moduleId.replace(/^\0/, ''))?.[0]

/** As it may be written within a string, a template or a pattern, which is all that is not ASCII in what is minified. */
const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

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

/** Parts of the code by files that are in them, with all that these need: what comes with the first is not in the second. */
const groupsOf = (chunks, rooms) =>
  Object.entries(rooms).map(([name, files]) => {
    const modules = modulesWith(chunks, ...files)
    return { name, test: (id) => modules.has(id) || files.some((file) => id.endsWith(file)) }
  })

/** Where the code of the threads that hash is, built by itself. */
const workerAt = (path) => ({
  name: 'worker',
  transform: (code, id) =>
    id.endsWith('hashWorkers.ts') ? replaced(code, './hashWorker.js', path) : undefined,
})

/** Our own modules, by file: each is in several bundles. */
const lazyModules = new Map()
const lazyFunctions = {
  name: 'lazy-functions',
  transform: (code, id) => {
    if (packageOf(id) !== undefined || !id.endsWith('.ts')) return undefined
    const known = lazyModules.get(id)
    if (known?.code === code) return known.lazy
    const lazy = withLazyFunctions(code, id)
    lazyModules.set(id, { code, lazy })
    return lazy
  },
}

/** What of io-ts is not used is left out once it is marked as free of effects, which its authors did not do. */
const PURE = '/* @__PURE__ */ '
const pureIoTs = (code) => {
  const marked = code
    .replace(/\/\*\* @class \*\/ (?=\()/g, PURE)
    .replace(/^(export var \w+ = )(?=new |brand\(|refinement\()/gm, `$1${PURE}`)
  if (marked.split(PURE).length < 40) throw new Error('io-ts is written in another way')
  return marked
}

/**
 * The command as a few files with all that it uses: it starts in a fraction of the time that hundreds of files take, and
 * users of the library do not install what only the command needs.
 *
 * Run by node: the command `tsdown` has more to say than what went wrong.
 */
const options = {
  config: false,
  entry: { 'cli-start': 'src/cli/start.ts' },
  format: 'cjs',
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
  outputOptions: { chunkFileNames: 'cli-[name].cjs' },
  plugins: [
    lazyFunctions,
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
      name: 'io-ts-without-effects',
      transform: (code, id) => (/[/\\]io-ts[/\\]es6[/\\]index\.js$/.test(id) ? pureIoTs(code) : undefined),
    },
    {
      // Commander can run other programs as commands. Ours are its own, and each start would pay for that, and for what
      // makes a `require`.
      name: 'commander-without-require',
      transform: (code, id) =>
        /[/\\]commander[/\\]lib[/\\]command\.js$/.test(id)
          ? replaced(
              replaced(code, "require('node:child_process')", '{}'),
              /require\(('node:[a-z_/]+')\)/g,
              'globalThis.process.getBuiltinModule($1)',
            )
          : undefined,
    },
    {
      name: 'late-parts-of-node',
      resolveId: (source) =>
        LATE.has(source) ? { id: LATE_PREFIX + source, moduleSideEffects: false } : undefined,
      load: (id) => (id.startsWith(LATE_PREFIX) ? lateModule(id.slice(LATE_PREFIX.length)) : undefined),
    },
    workerAt('./hashWorker.cjs'),
    {
      // A text with a single character beyond takes twice the memory, and longer to read.
      name: 'ascii',
      generateBundle(_options, bundle) {
        for (const part of Object.values(bundle))
          if (part.type === 'chunk') part.code = part.code.replace(/[^\0-\x7f]/g, escaped)
      },
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

const minify = { compress: true, mangle: false, codegen: { removeWhitespace: true } }

/** Builds twice: what belongs together is known when it was split once. */
const buildInRooms = async (given, rooms) => {
  const [{ chunks }] = await build({ ...given, write: false })
  const codeSplitting = { includeDependenciesRecursively: false, groups: groupsOf(chunks, rooms) }
  await build({ ...given, minify, outputOptions: { ...given.outputOptions, codeSplitting } })
}

/** What `--help` says, written down where it would be put together. */
const fixedTexts = async () => {
  const [{ chunks }] = await build({
    ...options,
    entry: { texts: 'src/cli/fixedTexts.ts' },
    format: 'esm',
    outputOptions: { codeSplitting: false },
    write: false,
    clean: false,
  })
  const code = Buffer.from(chunks[0].code).toString('base64')
  const { fixedTexts } = await import(`data:text/javascript;base64,${code}`)
  return `export const fixedTexts = ${JSON.stringify(fixedTexts)}`
}
const writtenTexts = await fixedTexts()

// What each start needs, which has in it all that `info` of a torrent does, and what commands need besides, from those that
// only show something to those that move data. Each file costs a millisecond, what is in it and not used some more, and what
// one takes from another is looked up with each call.
await buildInRooms(
  {
    ...options,
    plugins: [
      {
        name: 'texts-written-down',
        load: (id) => (/[/\\]cli[/\\]fixedTexts\.ts$/.test(id) ? writtenTexts : undefined),
        generateBundle(_options, bundle) {
          for (const { moduleIds = [], fileName } of Object.values(bundle))
            if (
              /^cli-(?:start|help)\./.test(fileName) &&
              moduleIds.some((id) => /[/\\]commander[/\\]/.test(id))
            )
              throw new Error(`${fileName} has the parser`)
        },
      },
      ...options.plugins,
    ],
  },
  {
    start: ['cli/start.ts', 'cli/show.ts', 'cli/helpWidth.ts'],
    commandLine: ['cli/commandLine.ts'],
    perform: ['cli/perform.ts'],
    check: ['commands/verify.ts', 'commands/create.ts'],
    show: ['cli/shownLink.ts'],
    args: ['cli/args.ts'],
    transfer: ['commands/transfer.ts'],
    finders: ['cli/findersOf.ts', 'progress/portMappingOutput.ts'],
  },
)

const parts = readdirSync('dist').filter((file) => /^cli-.*\.cjs$/.test(file))
const buildId = parts
  .sort()
  .reduce((hash, file) => hash.update(readFileSync(join('dist', file))), createHash('sha256'))

await build({
  ...options,
  minify,
  entry: { cli: 'src/cli/main.ts' },
  define: { BUILD_ID: JSON.stringify(buildId.digest('hex').slice(0, 16)) },
  clean: false,
  outputOptions: {},
  plugins: [lazyFunctions],
})
await build({
  ...options,
  minify,
  entry: { hashWorker: 'src/streams/node/hashWorker.js' },
  clean: false,
  outputOptions: {},
  plugins: [],
})

// The library for Node: the four hundred files that tsc makes of it take longer to load than all that it depends on. They
// are for bundlers, which leave out what is not used.
await build({
  config: false,
  entry: {
    index: 'src/index.ts',
    codecs: 'src/codecs/index.ts',
    operators: 'src/operators/index.ts',
    streams: 'src/streams/index.ts',
    testing: 'src/streams/virtual/index.ts',
  },
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  outDir: 'dist/node',
  dts: false,
  hash: false,
  logLevel: 'error',
  outExtensions: () => ({ js: '.js' }),
  deps: { neverBundle: [/^(?:rxjs|fp-ts|io-ts|#fp)(?:\/|$)/] },
  outputOptions: {
    chunkFileNames: 'part-[name].js',
    codeSplitting: {
      includeDependenciesRecursively: false,
      // The first that fits. What is told to the world stays by itself: else it would have the names that parts have for
      // one another.
      groups: ['codecs', 'operators', 'streams/node', 'streams/virtual', 'streams'].map((folder) => ({
        name: folder.replace('/', '-'),
        test: new RegExp(`/src/${folder}/(?!.*index\\.ts$)`.replaceAll('/', '[/\\\\]')),
      })),
    },
  },
  plugins: [lazyFunctions, workerAt('../hashWorker.cjs')],
})
