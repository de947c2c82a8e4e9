import * as O from '#fp/Option'
import type { SessionState } from '../../../src/index.js'

/** A session that has just begun, but for `changes`. */
export const sessionState = (changes: Partial<SessionState> = {}): SessionState => ({
  at: 0,
  phase: 'downloading',
  desired: 'running',
  storage: { _tag: 'Healthy' },
  directory: '',
  port: O.none,
  externalPort: O.none,
  progress: {
    pieceCount: 4,
    havePieces: 0,
    totalBytes: 4096,
    haveBytes: 0,
    fraction: 0,
    checked: O.none,
    wantedBytes: 4096,
    wantedHaveBytes: 0,
    isDone: false,
    isComplete: false,
  },
  files: [],
  bitfield: { pieceCount: 4, bytes: new Uint8Array(1) },
  pieces: {
    status: new Uint8Array(4),
    availability: new Uint16Array(4),
    priority: new Uint8Array(4).fill(4),
  },
  blockLength: 16_384,
  peers: [],
  candidates: [],
  dialling: 0,
  trackers: [],
  rates: { down: 0, up: 0, eta: O.none },
  totals: { downloaded: 0, uploaded: 0, wireDown: 0, wireUp: 0, wasted: 0, corrupt: 0 },
  limits: { down: Infinity, up: Infinity, isDownHeld: false, isUpHeld: false },
  lifetime: { downloaded: 0, uploaded: 0 },
  addedAt: 0,
  awaitsPriorities: false,
  ...changes,
})
