import type { Network } from '../deps.js'
import { utpNetwork } from '../utp/utpNetwork.js'
import { type UtpUse, withUtp } from '../utp/withUtp.js'
import { nodeClock } from './clock.js'
import { nodeRandom } from './random.js'
import { sharedUdp } from './sharedUdp.js'
import { tcpConnect } from './tcpConnect.js'
import type { ConnectOptions } from './tcpConnect.js'
import { tcpListen } from './tcpListen.js'

export interface NodeNetworkOptions extends ConnectOptions {
  /** Whether uTP is spoken too, and how; `off` unless given. */
  readonly utp?: UtpUse
}

/** TCP over `node:net`, IPv4 and IPv6; and uTP over `node:dgram`, where it is wanted. */
export const nodeNetwork = ({ utp: use = 'off', ...options }: NodeNetworkOptions = {}): Network => {
  const tcp: Network = { connect: tcpConnect(options), listen: tcpListen }
  if (use === 'off') return tcp
  const utp = utpNetwork({ datagrams: sharedUdp.utp, clock: nodeClock, random: nodeRandom })
  return withUtp({ tcp, utp, use, clock: nodeClock })
}
