import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'tsdown'

const fpTs = resolve('node_modules/fp-ts/es6')

/** The folder of the package that a bundled module comes from; undefined for our own. */
const packageOf = (moduleId) =>
  /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(moduleId.replace(/^\0/, ''))?.[0]

const licenseOf = (folder) => {
  const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined) throw new Error(`${name} has no licence file`)
  return `${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
}

/**
 * The command as one program, with all that it uses: it starts in a third of the time that a hundred files take, and
 * users of the library do not install what only the command needs. The library itself comes from tsc, file by file.
 * Of its files only the hash worker is used by both.
 *
 * Run by node: the command `tsdown` has more to say than what went wrong.
 */
await build({
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
      resolveId: (source) => (source.startsWith('#fp/') ? join(fpTs, `${source.slice(4)}.js`) : undefined),
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
})
