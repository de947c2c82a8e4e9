/**
 * Sessions and the drivers they run on.
 *
 * @packageDocumentation
 */
export type { ValueOr$ } from '../operators/rx/valueOr.js'
export { createSession, type Session } from './session.js'
export type { SessionOptions } from './sessionOptions.js'
export type { EncryptionPolicy } from './encryption/policy.js'
export {
  createClient,
  type Added,
  type Client,
  type ClientAlert,
  type RemoveError,
  type RemoveOptions,
} from './client.js'
export { fetchMetadata, type MetadataOptions } from './metadata/fetchMetadata.js'
export type { MetadataDeps } from './metadata/metadataLoop.js'
export type { AddError } from './client/addTorrent.js'
export type { ClientState, ClientTotals, FetchingMagnet, SessionSummary } from './client/clientState.js'
export type { AddOptions, ClientDeps, ClientOptions, KeptTorrents } from './client/options.js'
export type { LimitOptions, PeerGroup } from './limitCommands.js'
export type { SessionFiles } from './sessionFiles.js'
export type { FileRead } from './file/fileRead.js'
export { type ReadError, showReadError } from './file/readError.js'
export type { SessionFile } from './file/sessionFile.js'
export type { ByteRange } from './file/stretch.js'
export type {
  BindOptions,
  Clock,
  Datagram,
  Datagrams,
  DatagramSocket,
  DialOptions,
  FileStat,
  Hasher,
  KeyExchange,
  ListenEvent,
  ListenOptions,
  LongFile,
  MoveProgress,
  Network,
  OpenStorage,
  PeerSocket,
  PieceDigests,
  Random,
  ResolveName,
  ResumeStore,
  SessionDeps,
  SocketError,
  Storage,
  StorageFile,
  StorageLayout,
  TrackerClient,
  WebSeedClient,
  WebSeedConnection,
  WebSeedError,
  WebSeedRead,
} from './deps.js'
export type { FlushReach } from '../operators/resume/syncedPieces.js'
export type { Pulse } from './pulse.js'
export { layoutOf } from './storageLayout.js'
export { createDht, type Dht } from './dht/dht.js'
export type { DhtDeps, DhtStore } from './dht/dhtDeps.js'
export type { DhtBinding } from './dht/openPort.js'
export type { DhtOptions } from './dht/dhtOptions.js'
export type { DhtFind, DhtKey, DhtPut, DhtSearches, FollowOptions, PutOptions } from './dht/dhtSearches.js'
export { dhtSource, type DhtSourceOptions } from './dht/dhtSource.js'
export type { SessionDht } from './dht/sessionDht.js'
export { type BufferPool, createBufferPool } from './disk/bufferPool.js'
export { fromChunkStore, type ChunkStoreOptions } from './disk/fromChunkStore.js'
export type { ChunkStore } from './disk/chunkStore.js'
export { memoryStorage } from './disk/memoryStorage.js'
export { createLsd, type Lsd } from './lsd/lsd.js'
export type { LsdDeps, LsdInterface } from './lsd/lsdDeps.js'
export type { LsdNotice } from './lsd/lsdNotice.js'
export { lsdSource } from './lsd/lsdSource.js'
export { mapPorts } from './portMapping/mapPorts.js'
export { mapSession, type MapSessionOptions, type SessionMapping } from './portMapping/mapSession.js'
export type { GatewayHttp, GatewayHttpAnswer, PortMappingDeps } from './portMapping/portMappingDeps.js'
export {
  showPortMappingFailure,
  type MappedPort,
  type PortMappingFailure,
  type PortMappingMethod,
  type PortMappingState,
  type PortToMap,
} from './portMapping/portMappingState.js'
export { splitDatagrams, type SplitDatagrams } from './utp/splitDatagrams.js'
export { type UtpDeps, utpNetwork } from './utp/utpNetwork.js'
export { type UtpUse, withUtp, type WithUtpOptions } from './utp/withUtp.js'
export { client, type NodeClientOptions } from './node/nodeClient.js'
export { session, type NodeSessionOptions } from './node/nodeSession.js'
export { fetchMetainfo, type NodeMetadataOptions } from './node/fetchMetainfo.js'
export { keepTorrent, keptTorrent } from './node/keptTorrent.js'
export { nodeDeps, type NodeDepsOptions } from './node/nodeDeps.js'
export { nodeClock } from './node/clock.js'
export { nodeKeyExchange } from './node/keyExchange.js'
export { nodeDatagrams } from './node/datagrams.js'
export { dht, DHT_BOOTSTRAP, type NodeDhtOptions } from './node/nodeDht.js'
export { nodeDhtStore, type NodeDhtStoreOptions } from './node/dhtStore.js'
export { lsd, type NodeLsdOptions } from './node/lsd.js'
export { portMapping } from './node/portMapping/portMapping.js'
export { nodeNetwork, type NodeNetworkOptions } from './node/network.js'
export { nodeRandom } from './node/random.js'
export { hasResume } from './node/hasResume.js'
export { nodeResumeStore, type NodeResumeOptions } from './node/resumeStore.js'
export { nodeResolve } from './node/resolveName.js'
export { scrape, scrapeTorrent } from './node/scrape.js'
export { udpTracker, type UdpTrackerLimits, type UdpTrackerOptions } from './tracker/udpTracker.js'
export type { TrackerScrape } from './tracker/scrapeAll.js'
export { nodeTrackers } from './node/trackerClient.js'
export { nodeWebSeeds, type NodeWebSeedOptions } from './node/webSeeds.js'
export { fileStorage, type FileStorageOptions } from './node/fileStorage.js'
export { createHashPool, type HashPool, type HashPoolOptions } from './node/hashPool.js'
export { prepareHashing } from './node/hashWorkers.js'
export { createTorrent } from './node/createTorrent.js'
export type { CreateError, CreateEvent, CreateTorrentOptions } from './node/createTorrent.js'
export { savedPriorities } from './node/savedPriorities.js'
export { pieceVerdict, verifyData, type VerifyOptions, type VerifyProgress } from './node/verifyData.js'
