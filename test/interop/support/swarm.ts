import { join } from 'node:path'
import { expect } from 'vitest'
import { compareTrees, type Comparison } from './compareTrees.js'
import type { Host } from './hosts.js'
import type { Lab } from './lab.js'
import { makeTorrent } from './makeTorrent.js'
import { startOpentracker, type Tracker } from './opentracker.js'
import { makePayload, mixedPayload, type Payload } from './payload.js'

export const KiB = 1024
export const MiB = 1024 * KiB

const name = 'swarm of files'

/** A torrent and the folder that its data lies in. */
export interface Swarm {
  readonly lab: Lab
  /** Of the root. */
  readonly name: string
  readonly torrent: string
  readonly infohash: string
  /** Has the root with all the data. */
  readonly complete: string
  /** A download folder, empty at first; the same for the same name. */
  readonly folder: (name: string) => string
  /** Fails unless the folder has the same tree as the complete one, byte for byte. */
  readonly expectSame: (folder: string, how?: Comparison) => void
}

export interface SwarmSpec {
  readonly payload?: Payload
  readonly pieceLength?: number
  readonly announce?: string
  readonly webSeeds?: ReadonlyArray<string>
  readonly isHybrid?: boolean
  readonly isV2?: boolean
  readonly isPrivate?: boolean
}

export const makeSwarm = (lab: Lab, spec: SwarmSpec = {}): Swarm => {
  const { payload = mixedPayload, pieceLength = 256 * KiB, announce, webSeeds = [] } = spec
  const { isHybrid = false, isV2 = false, isPrivate = false } = spec
  const complete = lab.folder('complete')
  makePayload(complete, name, payload)
  const torrent = join(lab.folder('torrents'), 'swarm.torrent')
  const infohash = makeTorrent({
    path: join(complete, name),
    output: torrent,
    pieceLength,
    isHybrid,
    isV2,
    isPrivate,
    webSeeds,
    ...(announce !== undefined && { announce }),
  })
  return {
    lab,
    name,
    torrent,
    infohash,
    complete,
    folder: lab.folder,
    expectSame: (folder, how) => {
      expect(compareTrees(join(complete, name), join(folder, name), how)).toEqual([])
    },
  }
}

export interface TrackedSwarm extends Swarm {
  readonly tracker: Tracker
  readonly announceUrl: string
}

/** A swarm that meets at an opentracker on `host`, over HTTP unless told otherwise. */
export const makeTrackedSwarm = async (
  lab: Lab,
  host: Host,
  { scheme = 'http', ...spec }: SwarmSpec & { readonly scheme?: 'http' | 'udp' } = {},
): Promise<TrackedSwarm> => {
  const port = await host.freePort()
  const announceUrl = `${scheme}://${host.address}:${String(port)}/announce`
  const swarm = makeSwarm(lab, { ...spec, announce: announceUrl })
  // Trackers know a v2 torrent by as many bytes as any other.
  const shortInfohash = swarm.infohash.slice(0, 40)
  return { ...swarm, announceUrl, tracker: await startOpentracker(lab, host, port, shortInfohash) }
}
