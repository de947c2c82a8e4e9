/**
 * A platform without a platform: clock, network, disk, hashing, trackers and chance, all virtual, all from a seed. For
 * tests of programs that use this library, and for simulations of whole swarms.
 *
 * @packageDocumentation
 */
export { createVirtualClock } from './clock.js'
export type { VirtualClock } from './clock.js'
export { createVirtualDatagrams } from './datagrams.js'
export type { SentDatagram, VirtualDatagrams, VirtualDatagramsOptions } from './datagrams.js'
export { createVirtualDisk } from './disk.js'
export type { VirtualDisk, VirtualDiskOptions } from './disk.js'
export type { DiskFault } from './diskFaults.js'
export { createVirtualHasher } from './hasher.js'
export type { VirtualHasherOptions } from './hasher.js'
export { createVirtualNetwork } from './network.js'
export type { VirtualNetwork } from './network.js'
export type { VirtualLink, VirtualNetworkOptions } from './networkOptions.js'
export { createVirtualRandom } from './random.js'
export type { VirtualResume } from './resumeStore.js'
export { createVirtualTracker } from './tracker.js'
export type { AnnounceRecord, VirtualTracker, VirtualTrackerOptions } from './tracker.js'
export { createVirtualWorld } from './world.js'
export type { VirtualHost, VirtualHostOptions, VirtualWorld, VirtualWorldOptions } from './world.js'
export { createSwarm } from './swarm.js'
export type { Swarm, SwarmMember, SwarmOptions } from './swarm.js'
