/**
 * Which torrents run, decided by a policy of one's own: one at a time, the smallest rest first, so that something is
 * done soon. `QueueEntry` tells shares, not sizes, so the policy looks up the sizes that it was made with.
 *
 * Runs on real files and sockets of this machine: two seeding sessions, and a client that downloads both torrents. What
 * it prints is in which order they were done, added with the large one first.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filter, firstValueFrom, map, merge, take, timeout, toArray } from 'rxjs'
import { client, session, type Metainfo, type QueuePolicy } from 'rxtorrent'
import { virtualTorrent } from './support/virtualTorrent.js'

const nameOf = ({ infohash }: Metainfo): string =>
  infohash.v1._tag === 'Some' ? Buffer.from(infohash.v1.value).toString('hex') : ''

const large = virtualTorrent(96, 65_536, [], 'large.bin')
const small = virtualTorrent(16, 65_536, [], 'small.bin')
const sizes = new Map([large, small].map(({ metainfo }) => [nameOf(metainfo), metainfo.totalSize]))

const smallestRestFirst: QueuePolicy = ({ sessions }) => {
  const restOf = (key: string, fraction: number): number => (1 - fraction) * (sizes.get(key) ?? Infinity)
  const [next] = sessions
    .filter(({ desired, fraction }) => desired === 'running' && fraction < 1)
    .sort((a, b) => restOf(a.key, a.fraction) - restOf(b.key, b.fraction))
  return new Set(next === undefined ? [] : [next.key])
}

const orderWith = async (folder: string, queue: QueuePolicy): Promise<ReadonlyArray<string>> => {
  const source = await mkdtemp(join(folder, 'seed-'))
  const target = await mkdtemp(join(folder, 'client-'))
  const fail = (thrown: unknown): void => {
    throw thrown
  }
  const seeds = await Promise.all(
    [large, small].map(async ({ metainfo, content }) => {
      await writeFile(join(source, metainfo.name), content)
      // Slow enough for the queue to have a say.
      const rate = () => ({ down: Infinity, up: 4_000_000 })
      const seed = session(metainfo, { directory: source, policies: { rate } })
      const running = seed.state$.subscribe({ error: fail })
      const port = await firstValueFrom(
        seed.state$.pipe(
          filter(({ port }) => port._tag === 'Some'),
          map(({ port }) => (port._tag === 'Some' ? port.value : 0)),
        ),
      )
      return { metainfo, running, port }
    }),
  )
  const torrents = client({ directory: target, queue })
  const done = firstValueFrom(
    torrents.alert$.pipe(
      filter((alert) => alert._tag === 'SessionNotice' && alert.notice._tag === 'Completed'),
      map((alert) => ('infohash' in alert ? alert.infohash : '')),
      take(2),
      toArray(),
      timeout(60_000),
    ),
  )
  merge(
    ...seeds.map(({ metainfo, port }) => torrents.add(metainfo, { peers: [{ host: '127.0.0.1', port }] })),
  ).subscribe({ error: fail })
  const order = await done
  torrents.close()
  for (const { running } of seeds) running.unsubscribe()
  return order.map((infohash) => (infohash === nameOf(large.metainfo) ? 'large' : 'small'))
}

const folder = await mkdtemp(join(tmpdir(), 'rxtorrent-'))
try {
  const order = await orderWith(folder, smallestRestFirst)
  console.log('done in the order:', order.join(', '))
  if (order.join() !== 'small,large') throw new Error('the small one was not first')
} finally {
  await rm(folder, { recursive: true })
}
