import { firstValueFrom, lastValueFrom, of, toArray } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { nodeTrackers, trackerClient } from '../../../src/streams/node/trackerClient.js'
import type { AnnounceResponse } from '../../../src/codecs/announce.js'
import type { TrackerClient } from '../../../src/streams/deps.js'
import { nodeDatagrams } from '../../../src/streams/node/datagrams.js'
import { httpServer } from '../../support/httpServers.js'
import { type UdpTracker, udpTrackerOn } from '../../support/udpTracker.js'
import { until } from '../../support/until.js'
import { ANNOUNCE_REQUEST } from '../../support/announceRequest.js'

const trackers: UdpTracker[] = []
afterEach(() => {
  for (const tracker of trackers.splice(0)) tracker.close()
})

/** A driver that answers with its own name as the reason. */
const named = (reason: string): TrackerClient => ({
  announce: () => of(E.left({ _tag: 'TrackerFailure' as const, reason, retryInSeconds: undefined })),
})

describe('trackerClient', () => {
  const client = trackerClient({ http: named('http'), udp: named('udp') })

  it.each([
    ['http://t.example/announce', { _tag: 'TrackerFailure', reason: 'http', retryInSeconds: undefined }],
    ['UDP://t.example:80', { _tag: 'TrackerFailure', reason: 'udp', retryInSeconds: undefined }],
    ['https://t.example/announce', { _tag: 'UnsupportedTracker', scheme: 'https' }],
    ['wss://t.example', { _tag: 'UnsupportedTracker', scheme: 'wss' }],
    ['', { _tag: 'InvalidTrackerUrl' }],
  ])('gives %s to its driver', async (url, error) => {
    expect(await firstValueFrom(client.announce(url, ANNOUNCE_REQUEST))).toEqual(E.left(error))
  })
})

describe('secrets', () => {
  const secret = 'c0ffee5ecret'
  const response: AnnounceResponse = {
    interval: 1,
    minInterval: undefined,
    complete: undefined,
    incomplete: undefined,
    trackerId: undefined,
    warning: `soon over, ${secret}`,
    externalIp: undefined,
    peers: [],
  }

  it.each([
    `http://t.example/announce?passkey=${secret}`,
    `http://t.example/${secret}/announce`,
    `http://user:${secret}@t.example/announce`,
  ])('of %s are in nothing that the tracker says', async (url) => {
    const failing = trackerClient({
      http: {
        ...named(`unknown ${secret}`),
        scrape: () =>
          of(E.left({ _tag: 'TrackerFailure' as const, reason: secret, retryInSeconds: undefined })),
      },
    })
    const warning = trackerClient({ http: { announce: () => of(E.right(response)) } })
    const said = [
      await firstValueFrom(failing.announce(url, ANNOUNCE_REQUEST)),
      await firstValueFrom(failing.scrape(url, [])),
      await firstValueFrom(warning.announce(url, ANNOUNCE_REQUEST)),
    ]
    expect(said).toMatchObject([
      E.left({ reason: 'unknown …' }),
      E.left({ reason: '…' }),
      E.right({ warning: 'soon over, …' }),
    ])
  })

  it('are in no error of UDP', async () => {
    for (const host of ['127.0.0.1:9', '127.0.0.1:0', `${secret}.invalid:80`, '[ff02::1]:80']) {
      const url = `udp://${secret}:${secret}@${host}/${secret}?passkey=${secret}`
      const answer = await firstValueFrom(nodeTrackers().announce(url, ANNOUNCE_REQUEST))
      expect(E.isLeft(answer)).toBe(true)
      expect(JSON.stringify(answer)).not.toContain(secret)
    }
  })
})

describe('scrape', () => {
  const client = trackerClient({ http: named('http') })

  it.each([
    ['http://t.example/announce', { _tag: 'ScrapeUnsupported' }],
    ['udp://t.example:80', { _tag: 'UnsupportedTracker', scheme: 'udp' }],
    ['', { _tag: 'InvalidTrackerUrl' }],
  ])('of %s fails as a value', async (url, error) => {
    expect(await firstValueFrom(client.scrape(url, []))).toEqual(E.left(error))
  })
})

describe('nodeTrackers', () => {
  it('speaks HTTP', async () => {
    const server = await httpServer((_, response) => response.end('d5:peers0:e'))
    const result = await firstValueFrom(
      nodeTrackers().announce(`http://${server.host}/announce`, ANNOUNCE_REQUEST),
    )
    expect(result).toMatchObject(E.right({ peers: [] }))
  })

  it('speaks UDP', async () => {
    const tracker = udpTrackerOn(nodeDatagrams(), { port: 0, family: 4, host: '127.0.0.1' })
    trackers.push(tracker)
    await until(() => tracker.address() !== undefined)
    const url = `udp://127.0.0.1:${String(tracker.address()?.port)}/announce`
    const client = nodeTrackers()
    expect(await lastValueFrom(client.announce(url, ANNOUNCE_REQUEST).pipe(toArray()))).toMatchObject([
      E.right({ interval: 900, incomplete: 3, complete: 4, peers: [] }),
    ])
    expect(
      await lastValueFrom(client.scrape(url, [ANNOUNCE_REQUEST.infohash]).pipe(toArray())),
    ).toMatchObject([
      E.right(new Map([['00'.repeat(20), { complete: 0, downloaded: 100, incomplete: 200 }]])),
    ])
    // Another port each time, the same connection.
    expect(tracker.asked.map(({ action }) => action)).toEqual([0, 1, 2])
  })

  it('looks names up, and checks what comes of it', async () => {
    const client = nodeTrackers({
      lookup: (_, __, callback) => {
        callback(null, [{ address: '127.0.0.1', family: 4 }])
      },
    })
    expect(await firstValueFrom(client.announce('udp://tracker.test:9/admin', ANNOUNCE_REQUEST))).toEqual(
      E.left({ _tag: 'TrackerAddressRefused' }),
    )
  })
})
