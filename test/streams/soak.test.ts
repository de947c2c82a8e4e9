import { createServer } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { firstValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { makeTorrent, type MadeTorrent, writeFiles } from '../support/makeTorrent.js'
import { openFilesBelow } from '../support/openFilesBelow.js'
import { ended, runClient, type RunningClient } from '../support/runClient.js'
import { tempDir } from '../support/tempDir.js'
import { until } from '../support/until.js'

/** Torrents that come and go; `RXTORRENT_SOAK=1000` for the long one. */
const cycles = Number(process.env['RXTORRENT_SOAK'] ?? 100)
/** That many at a time. */
const batch = 20
/** Code that is compiled on the way, and noise for each torrent: one session that stays would be fifty times that. */
const tolerance = 2 * 1024 * 1024 + 1024 * cycles

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const heap = async (): Promise<number> => {
  for (let i = 0; i < 5; i++) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** What holds the process, by kind. */
const handles = (): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

describe('a client over a long time', () => {
  it(`ends where it began after ${String(cycles)} torrents that came and went`, async () => {
    const atFirst = handles()
    const [from, to] = [await tempDir(), await tempDir()]
    const tracker = createServer((_request, response) => {
      response.end('d8:intervali1800e5:peers0:e')
    })
    await new Promise<void>((resolve) => tracker.listen(0, '127.0.0.1', resolve))
    const bound = tracker.address()
    if (bound === null || typeof bound === 'string') throw new Error('no port')
    const announce = `http://127.0.0.1:${String(bound.port)}/announce`
    const [seeds, leeches] = [runClient({ directory: from }), runClient({ directory: to })]

    const torrentOf = (seed: number): MadeTorrent =>
      makeTorrent({
        name: `soak-${String(seed)}`,
        pieceLength: 16_384,
        files: [20_000, 9_000],
        seed,
        trackers: [announce],
      })
    const remove = async ({ client }: RunningClient, infohash: string): Promise<void> => {
      expect(await firstValueFrom(client.remove(infohash, { data: true }))).toEqual(E.right(undefined))
    }
    const live = async (seed: number): Promise<void> => {
      const torrent = torrentOf(seed)
      await writeFiles(torrent, from)
      const { infohash, session } = await seeds.add(torrent.bytes)
      await firstValueFrom(session.complete$)
      const peers = [{ host: '127.0.0.1', port: await seeds.port() }]
      const leech = await leeches.add(torrent.metainfo, { peers })
      await firstValueFrom(leech.session.complete$)
      await Promise.all([remove(seeds, infohash), remove(leeches, infohash)])
      for (const { alerts } of [seeds, leeches]) alerts.length = 0
    }
    const run = async (first: number, count: number): Promise<void> => {
      for (let at = first; at < first + count; at += batch) {
        await Promise.all(Array.from({ length: Math.min(batch, first + count - at) }, (_, i) => live(at + i)))
      }
    }
    const isBack = (kind: string): boolean => (handles()[kind] ?? 0) <= (atFirst[kind] ?? 0)
    /** Only the two servers and the tracker hold the process. */
    const settled = async (): Promise<number> => {
      await until(() => openFilesBelow(from).length + openFilesBelow(to).length === 0)
      await until(() => isBack('TCPSocketWrap') && isBack('Timeout'))
      expect(handles()['TCPServerWrap']).toBe((atFirst['TCPServerWrap'] ?? 0) + 3)
      return heap()
    }

    await run(0, cycles / 2)
    const before = await settled()
    await run(1_000_000, cycles)
    const after = await settled()
    expect(after - before).toBeLessThan(tolerance)

    await Promise.all([ended(seeds.client), ended(leeches.client)])
    tracker.close()
    await until(() => isBack('TCPServerWrap'))
  }, 600_000)
})
