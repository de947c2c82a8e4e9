import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { build } from 'tsdown'

const library = resolve('src/index.js')

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
 * The command alone: commander and log-update are inlined, so that users of the library do not install them. The library
 * itself comes from tsc, file by file, and stays beside the bundle: `dist/index.js` finds its hash worker from there.
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
  deps: { neverBundle: [/^#fp\//], onlyBundle: false },
  outputOptions: { chunkFileNames: 'cli-[name].mjs' },
  plugins: [
    {
      name: 'library-beside-the-command',
      resolveId: (source, importer) =>
        importer !== undefined && source.startsWith('.') && resolve(dirname(importer), source) === library
          ? { id: './index.js', external: true }
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
