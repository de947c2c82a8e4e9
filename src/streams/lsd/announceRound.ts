import { toHex } from '../../codecs/bytes.js'
import { encodeLsd, LSD_INFOHASHES_PER_DATAGRAM } from '../../codecs/lsd.js'
import { chunksOf } from '../../operators/chunksOf.js'
import type { Clock } from '../deps.js'

const INTERVAL_MS = 5 * 60_000
/** No torrent is announced more often. */
const LEAST_INTERVAL_MS = 60_000
/** What is due so soon goes with what is due. */
const TOGETHER_MS = 10_000
/** Datagrams at a time, from each interface: thousands of torrents are no burst. */
const MAX_DATAGRAMS_PER_ROUND = 8
const ROUND_PAUSE_MS = 1_000

/** A torrent that is to be announced. */
export interface LsdTorrent {
  readonly infohash: Uint8Array
  /** The same in text. */
  readonly key: string
  /** Where it is to be had; undefined: nowhere yet. */
  port: number | undefined
  dueAt: number
}

export interface LsdDatagram {
  readonly datagram: (family: 4 | 6) => Uint8Array
  /** To be called once it was sent. */
  readonly done: () => void
}

export interface AnnounceRound {
  readonly begin: (infohash: Uint8Array) => LsdTorrent
  /** What is to be sent now. What is not `done` with is due again in a minute. */
  readonly take: (torrents: ReadonlyArray<LsdTorrent>) => ReadonlyArray<LsdDatagram>
  /** Milliseconds until something is due; `Infinity`: nothing will be. */
  readonly nextIn: (torrents: ReadonlyArray<LsdTorrent>) => number
}

/** When which torrents are announced, and together with which others: those at the same port, in few datagrams. */
export const announceRound = (clock: Clock, cookie: string): AnnounceRound => {
  /** Those announced in the last minute, also where nobody wants it any more. */
  const toldAt = new Map<string, number>()
  let lastRoundAt = -Infinity

  const dueAt = ({ port, dueAt: due, key }: LsdTorrent): number =>
    port === undefined ? Infinity : Math.max(due, (toldAt.get(key) ?? -Infinity) + LEAST_INTERVAL_MS)

  return {
    begin: (infohash) => ({ infohash, key: toHex(infohash), port: undefined, dueAt: -Infinity }),
    take: (torrents) => {
      const now = clock.now()
      for (const [key, at] of toldAt) if (now - at >= LEAST_INTERVAL_MS) toldAt.delete(key)
      if (now - lastRoundAt < ROUND_PAUSE_MS) return []
      const byPort = new Map<number, LsdTorrent[]>()
      for (const torrent of torrents) {
        const { port, key } = torrent
        if (port === undefined || toldAt.has(key) || torrent.dueAt > now + TOGETHER_MS) continue
        const those = byPort.get(port)
        if (those === undefined) byPort.set(port, [torrent])
        else those.push(torrent)
      }
      const datagrams = [...byPort]
        .flatMap(([port, all]) => chunksOf(all, LSD_INFOHASHES_PER_DATAGRAM).map((some) => ({ port, some })))
        .slice(0, MAX_DATAGRAMS_PER_ROUND)
        .map(({ port, some }): LsdDatagram => {
          const infohashes = some.map(({ infohash }) => infohash)
          for (const torrent of some) torrent.dueAt = now + LEAST_INTERVAL_MS
          return {
            datagram: (family) => encodeLsd({ port, infohashes, cookie }, family),
            done: () => {
              for (const torrent of some) {
                torrent.dueAt = now + INTERVAL_MS
                toldAt.set(torrent.key, now)
              }
            },
          }
        })
      if (datagrams.length > 0) lastRoundAt = now
      return datagrams
    },
    nextIn: (torrents) => {
      const now = clock.now()
      const due = torrents.reduce((earliest, torrent) => Math.min(earliest, dueAt(torrent)), Infinity)
      return Math.max(0, due - now, lastRoundAt + ROUND_PAUSE_MS - now)
    },
  }
}
