import type { AnnounceResponse } from '../../../src/codecs/announce.js'
import type { AnnounceContext } from '../../../src/operators/tracker/announceSchedule.js'

export const CONTEXT: AnnounceContext = {
  infohash: new Uint8Array(20),
  peerId: new Uint8Array(20),
  port: 6881,
  uploaded: 1,
  downloaded: 2,
  left: 3,
  numWant: 50,
  key: 4,
  wantPeers: false,
  isPartialSeed: false,
}

export const RESPONSE: AnnounceResponse = {
  interval: 1800,
  minInterval: undefined,
  complete: undefined,
  incomplete: undefined,
  trackerId: undefined,
  warning: undefined,
  externalIp: undefined,
  peers: [],
}

export const noChance = (): number => 0
