/**
 * Sessions and the drivers they run on.
 *
 * @packageDocumentation
 */
export { createSession, type Session, type SessionOptions } from './session.js'
export type {
  Clock,
  Hasher,
  ListenEvent,
  ListenOptions,
  Network,
  OpenStorage,
  PeerSocket,
  PieceDigests,
  Random,
  SessionDeps,
  SocketError,
  Storage,
  StorageFile,
  StorageLayout,
  TrackerClient,
} from './deps.js'
export type { ValueOr$ } from './followOption.js'
export { layoutOf } from './storageLayout.js'
export { memoryStorage } from './disk/memoryStorage.js'
export { session, type NodeSessionOptions } from './node/nodeSession.js'
export { nodeDeps, type NodeDepsOptions } from './node/nodeDeps.js'
export { nodeClock } from './node/clock.js'
export { nodeNetwork } from './node/network.js'
export { nodeRandom } from './node/random.js'
export { nodeTrackers } from './node/trackerClient.js'
export { fileStorage, type FileStorageOptions } from './node/fileStorage.js'
export { createHashPool, type HashPool, type HashPoolOptions } from './node/hashPool.js'
export { createTorrent } from './node/createTorrent.js'
export type { CreateError, CreateEvent, CreateTorrentOptions } from './node/createTorrent.js'
export { pieceVerdict, verifyData, type VerifyProgress } from './node/verifyData.js'
