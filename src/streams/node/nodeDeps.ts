import type { SessionDeps } from '../deps.js'
import { createBufferPool } from '../disk/bufferPool.js'
import type { UtpUse } from '../utp/withUtp.js'
import { bootId } from './bootId.js'
import { nodeClock } from './clock.js'
import { fileStorage, type FileStorageOptions } from './fileStorage.js'
import { fileNames } from './fileNames.js'
import { createHashPool, type HashPool } from './hashPool.js'
import { nodeKeyExchange } from './keyExchange.js'
import { nodeNetwork } from './network.js'
import { nodeRandom } from './random.js'
import { nodeResumeStore } from './resumeStore.js'
import { nodeTrackers } from './trackerClient.js'
import { nodeWebSeeds } from './webSeeds.js'

/** One pool serves every session of the process; its workers start with the first piece and hold nothing open. */
let sharedPool: HashPool | undefined

/** And one has the memory of their pieces. */
const sharedBuffers = createBufferPool()

export interface NodeDepsOptions {
  /** Where the torrent's files are, or are to be. Made when it is not there. */
  readonly directory: string
  /** Whether files are given all their space before their first byte, or as they come; `sparse` unless given. */
  readonly allocation?: FileStorageOptions['allocation']
  /**
   * What a download has come to when it is complete, or stops. `system`, unless given: all is written, and the system puts
   * it on the device in its own time, as with any other program; where the system goes down before, the next start hashes
   * what that may have cost. `device`: it is on the device, however long that takes. Only Linux tells one run of the system
   * from the next; elsewhere it is `device` always.
   */
  readonly sync?: 'system' | 'device'
  /** Workers that hash; one pool for the whole process where absent. */
  readonly hashPool?: HashPool
  /** Whether peers are spoken to over uTP too (BEP 29), on the UDP port of the same number; `fallback` unless given. */
  readonly utp?: UtpUse
}

/** The real world: TCP and uTP, files, HTTP and UDP trackers, web seeds, worker threads. */
export const nodeDeps = ({
  directory,
  allocation,
  sync = 'system',
  hashPool,
  utp = 'fallback',
}: NodeDepsOptions): SessionDeps => {
  const boot = sync === 'system' ? bootId() : undefined
  const pool = hashPool ?? (sharedPool ??= createHashPool())
  return {
    network: nodeNetwork({ utp }),
    clock: nodeClock,
    openStorage: fileStorage({
      directory,
      hashPool: pool,
      writesBehind: boot === undefined,
      ...(allocation === undefined ? {} : { allocation }),
    }),
    hasher: pool.hasher,
    buffers: sharedBuffers,
    trackers: nodeTrackers(),
    webSeeds: nodeWebSeeds(),
    random: nodeRandom,
    keyExchange: nodeKeyExchange,
    resume: nodeResumeStore({ directory, followsData: true }),
    fileNames,
    ...(boot === undefined ? {} : { bootId: boot }),
  }
}
