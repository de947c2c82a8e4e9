import type { Network } from '../deps.js'
import { tcpConnect } from './tcpConnect.js'
import type { ConnectOptions } from './tcpConnect.js'
import { tcpListen } from './tcpListen.js'

export type NodeNetworkOptions = ConnectOptions

/** TCP over `node:net`, IPv4 and IPv6. */
export const nodeNetwork = (options: NodeNetworkOptions = {}): Network => ({
  connect: tcpConnect(options),
  listen: tcpListen,
})
