import { firstValueFrom, of } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { nodeTrackers, trackerClient } from '../../../src/streams/node/trackerClient.js'
import type { TrackerClient } from '../../../src/streams/deps.js'
import { httpServer } from '../../support/httpServers.js'

const REQUEST = {
  infohash: new Uint8Array(20),
  peerId: new Uint8Array(20),
  port: 1,
  uploaded: 0,
  downloaded: 0,
  left: 0,
  event: undefined,
  numWant: 0,
  key: 0,
  trackerId: undefined,
}

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
    expect(await firstValueFrom(client.announce(url, REQUEST))).toEqual(E.left(error))
  })
})

describe('nodeTrackers', () => {
  it('speaks HTTP', async () => {
    const server = await httpServer((_, response) => response.end('d5:peers0:e'))
    const result = await firstValueFrom(nodeTrackers().announce(`http://${server.host}/announce`, REQUEST))
    expect(result).toMatchObject(E.right({ peers: [] }))
  })
})
