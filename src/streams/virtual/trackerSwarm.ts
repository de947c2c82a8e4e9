import type { AnnouncedPeer, AnnounceRequest } from '../../codecs/announce.js'
import type { Prng } from '../../operators/random.js'

/** The peers of one torrent, as a tracker knows them. */
export interface TrackerSwarm {
  /** Notes what an announce says; forgets a peer that has stopped. */
  readonly note: (host: string, request: AnnounceRequest, at: number) => void
  /** Up to `count` others, drawn by the generator. */
  readonly sample: (host: string, port: number, count: number, prng: Prng) => ReadonlyArray<AnnouncedPeer>
  readonly complete: () => number
  readonly incomplete: () => number
  /** Forgets those that have not announced since. */
  readonly expire: (before: number) => void
}

interface Member extends AnnouncedPeer {
  readonly isSeed: boolean
  readonly at: number
}

export const createTrackerSwarm = (): TrackerSwarm => {
  const members = new Map<string, Member>()
  const name = (host: string, port: number): string => `${host} ${String(port)}`
  const seeds = (): number => {
    let sum = 0
    for (const { isSeed } of members.values()) if (isSeed) sum++
    return sum
  }

  return {
    note: (host, { port, left, event }, at) => {
      if (event === 'stopped') members.delete(name(host, port))
      else members.set(name(host, port), { host, port, isSeed: left === 0, at })
    },
    sample: (host, port, count, prng) => {
      const others = [...members.values()].filter((member) => member.host !== host || member.port !== port)
      const wanted = Math.min(count, others.length)
      for (let i = 0; i < wanted; i++) {
        const drawn = i + prng.int(others.length - i)
        const member = others[drawn]!
        others[drawn] = others[i]!
        others[i] = member
      }
      return others.slice(0, wanted).map((member) => ({ host: member.host, port: member.port }))
    },
    complete: seeds,
    incomplete: () => members.size - seeds(),
    expire: (before) => {
      for (const [key, member] of members) if (member.at < before) members.delete(key)
    },
  }
}
