import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cp, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { makeTorrent } from '../support/makeTorrent.js'
import { tempDir } from '../support/tempDir.js'

const dist = fileURLToPath(new URL('../../dist', import.meta.url))

/** It finds nobody, and stays. */
const ALONE = ['--peer', '127.0.0.1:1', '--no-dht', '--no-lsd', '--no-port-mapping']

interface Installed {
  readonly folder: string
  readonly cache: string
  readonly torrent: string
}

/** The built command in a folder of its own, as nobody has started it yet. */
const install = async (): Promise<Installed> => {
  const folder = await tempDir()
  for (const file of await readdir(dist))
    if (/^(?:cli.*|hashWorker)\.cjs$/.test(file)) await cp(join(dist, file), join(folder, file))
  const torrent = join(folder, 'test.torrent')
  await writeFile(torrent, makeTorrent({ pieceLength: 16_384, files: 20_000 }).bytes)
  return { folder, torrent, cache: join(folder, 'code-cache') }
}

const run = (
  { folder }: Installed,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } => {
  const options = {
    encoding: 'utf8',
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '', ...env },
  } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'cli.cjs'), ...args], options)
  return { status, stdout, stderr }
}

/** What is kept of each command, by its path below the folder of this build and this Node. */
const keptIn = async (cache: string): Promise<ReadonlyArray<string>> => {
  const names = await readdir(cache, { recursive: true }).catch(() => [])
  return names.filter((name) => name.endsWith('.bin')).map((name) => name.split(/[/\\]/).slice(1).join('/'))
}

const pathsIn = async (cache: string): Promise<ReadonlyArray<string>> =>
  (await readdir(cache, { recursive: true }))
    .filter((name) => name.endsWith('.bin'))
    .map((name) => join(cache, name))

describe('a second start', () => {
  it('takes the code that the first has left, of the same command', async () => {
    const installed = await install()
    const info = run(installed, ['info', installed.torrent])
    expect(info).toMatchObject({ status: 0, stderr: '' })
    expect(await keptIn(installed.cache)).toContain('info/cli-start.cjs.bin')

    const written = await Promise.all((await pathsIn(installed.cache)).map((path) => stat(path)))
    expect(run(installed, ['info', installed.torrent])).toEqual(info)
    // Had V8 refused it, it would have been written again.
    expect(await Promise.all((await pathsIn(installed.cache)).map((path) => stat(path)))).toMatchObject(
      written.map(({ ino, mtimeMs }) => ({ ino, mtimeMs })),
    )

    expect(run(installed, ['--version'])).toMatchObject({ status: 0 })
    expect(run(installed, ['create', '--help'])).toMatchObject({ status: 0 })
    const kinds = (await keptIn(installed.cache)).map((path) => path.split('/')[0])
    expect(new Set(kinds)).toEqual(new Set(['info', 'help']))
  })

  it('takes what one has left that ran for long, and was killed', { timeout: 30_000 }, async () => {
    const installed = await install()
    const args = ['download', installed.torrent, '-o', installed.folder, ...ALONE]
    const running = spawn(process.execPath, [join(installed.folder, 'cli.cjs'), ...args], {
      stdio: 'ignore',
      env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '' },
    })
    try {
      await vi.waitFor(
        async () => {
          expect(await keptIn(installed.cache)).toContain('download/cli-transfer.cjs.bin')
        },
        { timeout: 20_000, interval: 100 },
      )
    } finally {
      running.kill('SIGKILL')
      await once(running, 'exit')
    }
  })

  it('does as well with code that is damaged, cut short, or of nothing at all', async () => {
    const installed = await install()
    const info = run(installed, ['info', installed.torrent])
    const paths = await pathsIn(installed.cache)
    expect(paths.length).toBeGreaterThan(0)
    for (const spoil of [
      (bytes: Buffer) => bytes.fill(0x55, 1_000, 2_000),
      (bytes: Buffer) => bytes.fill(0, bytes.length / 2),
      (bytes: Buffer) => bytes.fill(0),
      (bytes: Buffer) => bytes.subarray(0, 4_096),
      () => Buffer.alloc(0),
    ]) {
      for (const path of paths) await writeFile(path, spoil(await readFile(path)))
      expect(run(installed, ['info', installed.torrent])).toEqual(info)
    }
  })

  it('takes nothing of a file that was changed since, though it is as old and as long', async () => {
    const installed = await install()
    expect(run(installed, ['--version']).status).toBe(0)
    const path = join(installed.folder, 'cli-help.cjs')
    const text = await readFile(path, 'latin1')
    const version = run(installed, ['--version']).stdout.trim()
    const changed = text.replaceAll(version, version.replaceAll(/\d/g, '9'))
    expect(changed).not.toBe(text)
    const { atime, mtime } = await stat(path)
    await writeFile(path, changed)
    await utimes(path, atime, mtime)
    expect(run(installed, ['--version']).stdout.trim()).toBe(version.replaceAll(/\d/g, '9'))
  })

  it('finds none after one that failed, was of no command, or where Node is told to keep none', async () => {
    const installed = await install()
    expect(run(installed, ['info', join(installed.folder, 'missing')]).status).toBe(5)
    expect(run(installed, ['nonsense']).status).toBe(2)
    expect(run(installed, ['constructor', 'x']).status).toBe(2)
    expect(run(installed, ['info', installed.torrent], { NODE_DISABLE_COMPILE_CACHE: '1' }).status).toBe(0)
    expect(await readdir(installed.folder)).not.toContain('code-cache')
  })

  it('does as well where nothing can be kept', async () => {
    const installed = await install()
    await writeFile(installed.cache, 'in its place')
    expect(run(installed, ['info', installed.torrent])).toMatchObject({ status: 0, stderr: '' })
    expect(await readFile(installed.cache, 'utf8')).toBe('in its place')
  })
})
