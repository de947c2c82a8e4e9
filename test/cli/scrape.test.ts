import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { nodeDatagrams } from '../../src/streams/node/datagrams.js'
import { httpServer } from '../support/httpServers.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { tempDir } from '../support/tempDir.js'
import { udpTrackerOn } from '../support/udpTracker.js'
import { until } from '../support/until.js'
import { rxtorrent, start } from './support/rxtorrent.js'

const saved = async (trackers: ReadonlyArray<string>): Promise<string> => {
  const path = join(await tempDir(), 'test.torrent')
  await writeFile(path, makeTorrent({ pieceLength: 16_384, files: 16_384, trackers }).bytes)
  return path
}

/** `host:port` of a UDP tracker, and how many packets it has had. */
const udpTracker = async (): Promise<{ readonly host: string; readonly count: () => number }> => {
  const tracker = udpTrackerOn(nodeDatagrams(), { port: 0, family: 4, host: '127.0.0.1' })
  onTestFinished(tracker.close)
  await until(() => tracker.address() !== undefined)
  return { host: `127.0.0.1:${String(tracker.address()?.port)}`, count: () => tracker.asked.length }
}

describe('rxtorrent scrape', () => {
  it('asks every tracker, and tells what each says', async () => {
    const http = await httpServer((_, response) => response.end('d5:filesdee'))
    const refusing = await httpServer((_, response) => response.end('d14:failure reason12:not c0ffee5ee'))
    const udp = await udpTracker()
    const path = await saved([
      `http://${http.host}/announce`,
      `http://${refusing.host}/announce?passkey=c0ffee5e`,
      `udp://${udp.host}/announce`,
      'http://t.example/x',
    ])
    const { code, stdout, stderr } = await rxtorrent(['scrape', path, '--json'])
    const lines = stdout.trim().split('\n')
    const events = lines.map((line): unknown => JSON.parse(line))
    expect(events).toHaveLength(4)
    expect(events).toEqual(
      expect.arrayContaining([
        {
          event: 'scraped',
          tracker: `http://${http.host}`,
          tier: 0,
          isKnown: false,
          seeds: null,
          peers: null,
          downloads: null,
        },
        { event: 'scrapeFailed', tracker: `http://${refusing.host}`, tier: 0, reason: 'it says: not …' },
        {
          event: 'scraped',
          tracker: `udp://${udp.host}`,
          tier: 0,
          isKnown: true,
          seeds: 0,
          peers: 200,
          downloads: 100,
        },
        {
          event: 'scrapeFailed',
          tracker: 'http://t.example',
          tier: 0,
          reason: 'it has no scrape',
        },
      ]),
    )
    expect([code, stderr]).toEqual([0, ''])
    expect((await rxtorrent(['scrape', path])).stdout).toContain(
      `udp://${udp.host}  0 seeds, 200 peers, 100 downloads\n`,
    )
  })

  it.each([
    [[], 'has no tracker'],
    [['http://127.0.0.1:1/announce', 'http://t.example/x'], 'none of its trackers has answered'],
  ])('of %j is exit 4', async (trackers, why) => {
    const { code, stderr } = await rxtorrent(['scrape', await saved(trackers)])
    expect([code, stderr]).toEqual([4, `rxtorrent: data: ${why}\n`])
  })
})

describe('--no-trackers', () => {
  it('keeps a download from asking, and says that there is nobody else', async () => {
    const udp = await udpTracker()
    const path = await saved([`udp://${udp.host}/announce`])
    const silent = start(['download', path, '-o', await tempDir(), '--no-trackers', '--timeout', '1'])
    const asking = start(['download', path, '-o', await tempDir(), '--json'])
    const { code, stderr } = await silent.ended
    expect(code).toBe(4)
    expect(stderr).toContain('--no-trackers and no --peer: nobody to ask')
    await asking.event('announced')
    // The other one's connect and announce.
    expect(udp.count()).toBe(2)
  })
})
