import { splitDatagrams } from '../utp/splitDatagrams.js'
import { nodeDatagrams } from './datagrams.js'

/** All of the process: a DHT node and a session that are made apart may be given the same port. */
export const sharedUdp = splitDatagrams(nodeDatagrams())
