import { createServer } from 'node:http'
import { until } from './until.js'
import type { Lab } from './lab.js'
import { listenOn } from './listenOn.js'

/** What a client told the tracker. */
export interface LoggedAnnounce {
  readonly peerId: string
  readonly port: number
  readonly event: string | undefined
  readonly left: number
  readonly downloaded: number
  readonly uploaded: number
}

export interface LoggingTracker {
  readonly announceUrl: string
  readonly announces: ReadonlyArray<LoggedAnnounce>
  /** Waits for the `nth` announce (1 is the first) with this event. */
  readonly untilEvent: (event: string, nth?: number) => Promise<LoggedAnnounce>
  /** Announces of this event get no answer from here on, and their connections stay open. */
  readonly ignore: (event: string) => void
}

const intervalInSeconds = 2

const percentDecode = (text: string): Buffer =>
  Buffer.from(
    text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  )

// infohash and peer id are bytes, not text: URLSearchParams would spoil them
const queryOf = (url: string): ReadonlyMap<string, Buffer> =>
  new Map(
    url
      .slice(url.indexOf('?') + 1)
      .split('&')
      .map((pair): [string, Buffer] => {
        const [name = '', value = ''] = pair.split('=')
        return [name, percentDecode(value)]
      }),
  )

const compactPeer = (port: number): Buffer => Buffer.from([127, 0, 0, 1, port >> 8, port & 255])

const response = (peers: ReadonlyArray<number>): Buffer => {
  const compact = Buffer.concat(peers.map(compactPeer))
  return Buffer.concat([
    Buffer.from(`d8:intervali${String(intervalInSeconds)}e5:peers${String(compact.length)}:`),
    compact,
    Buffer.from('e'),
  ])
}

/** An HTTP tracker for one torrent on 127.0.0.1 that remembers every announce. */
export const startLoggingTracker = async (lab: Lab): Promise<LoggingTracker> => {
  const announces: LoggedAnnounce[] = []
  const ignored = new Set<string>()
  const ports = new Map<string, number>()

  const server = createServer((request, reply) => {
    const query = queryOf(request.url ?? '')
    const number = (name: string): number => Number(query.get(name)?.toString() ?? 'NaN')
    const peerId = query.get('peer_id')?.toString('hex') ?? ''
    const announce: LoggedAnnounce = {
      peerId,
      port: number('port'),
      event: query.get('event')?.toString(),
      left: number('left'),
      downloaded: number('downloaded'),
      uploaded: number('uploaded'),
    }
    announces.push(announce)
    if (announce.event !== undefined && ignored.has(announce.event)) return
    if (announce.event === 'stopped') ports.delete(peerId)
    else ports.set(peerId, announce.port)
    reply.end(response([...ports].filter(([id]) => id !== peerId).map(([, port]) => port)))
  })
  const port = await listenOn(server, '127.0.0.1')
  lab.defer(() => {
    server.closeAllConnections()
    server.close()
  })

  return {
    announceUrl: `http://127.0.0.1:${String(port)}/announce`,
    announces,
    untilEvent: (event, nth = 1) =>
      until(() => announces.filter((announce) => announce.event === event)[nth - 1], {
        what: `"${event}" at the tracker`,
      }),
    ignore: (event) => void ignored.add(event),
  }
}
