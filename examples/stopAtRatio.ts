/**
 * A seed that stops by itself: once it has given back as much as it has, `stopAtRatio` says `Stop`, the trackers hear
 * of it, and every stream of the session completes.
 *
 * Runs on real files and sockets of this machine: one seed, three peers that fetch from it and from each other.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filter, firstValueFrom, lastValueFrom, map, merge, timeout } from 'rxjs'
import { session, shareRatio, stopAtRatio } from 'rxtorrent'
import { virtualTorrent } from './support/virtualTorrent.js'

const { metainfo, content } = virtualTorrent(64, 65_536, [])
const folder = await mkdtemp(join(tmpdir(), 'rxtorrent-'))
const folderOf = async (name: string): Promise<string> => mkdtemp(join(folder, name))

try {
  const source = await folderOf('seed-')
  await writeFile(join(source, metainfo.name), content)

  const seed = session(metainfo, {
    directory: source,
    streamPolicies: [stopAtRatio(1)],
    // Slow enough for a look now and then: this machine could take all of it at once.
    policies: { rate: () => ({ down: Infinity, up: 2_000_000 }) },
  })
  const stopped = lastValueFrom(seed.state$.pipe(timeout(60_000)))
  const port = await firstValueFrom(
    seed.state$.pipe(
      filter(({ port }) => port._tag === 'Some'),
      map(({ port }) => (port._tag === 'Some' ? port.value : 0)),
    ),
  )

  const directories = await Promise.all(['a-', 'b-', 'c-'].map(folderOf))
  const peers = directories.map((directory) =>
    session(metainfo, { directory, peers: [{ host: '127.0.0.1', port }] }),
  )
  const fetching = merge(...peers.map(({ state$ }) => state$)).subscribe({
    error: (thrown: unknown) => {
      throw thrown
    },
  })

  // It completes when the session has stopped: nobody has to watch the ratio.
  const last = await stopped
  fetching.unsubscribe()
  const ratio = shareRatio(last)
  console.log(`the seed is ${last.phase}, having given ${ratio.toFixed(2)} times what it has`)

  if (last.phase !== 'stopped') throw new Error('the seed did not stop')
  if (ratio < 1 || ratio > 1.5) throw new Error(`a ratio of ${ratio.toFixed(2)} is not what was asked for`)
} finally {
  await rm(folder, { recursive: true })
}
