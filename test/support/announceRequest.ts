import type { AnnounceRequest } from '../../src/codecs/announce.js'

/** An announce that says as little as one can. */
export const ANNOUNCE_REQUEST: AnnounceRequest = {
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
