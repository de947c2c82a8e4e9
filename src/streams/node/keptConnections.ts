import { Agent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import type { Duplex } from 'node:stream'
import { ipScope } from '../../codecs/ipAddress.js'
import type { IpScope } from '../../codecs/ipAddress.js'
import { addressScope, connectTo, type GuardOptions } from './guardedRequest.js'

/** To one server, under one rule; more would only share the same link. */
const CONNECTIONS = 4
/** Servers, each under a rule, that connections are kept to; more while there is something under way at all of them. */
const MAX_AGENTS = 16

/** Connections that outlive their requests, each made to no address that is refused. */
export interface KeptConnections {
  /** The agent for the server of `url` and the addresses that `allows` lets through; `rule` names those. */
  readonly agentFor: (url: URL, rule: string, allows: (scope: IpScope) => boolean) => Agent
  /** Closes them all. */
  readonly close: () => void
}

export const keptConnections = (options: GuardOptions): KeptConnections => {
  const { scopeOf = ipScope } = options
  const agents = new Map<string, Agent>()
  return {
    agentFor: (url, rule, allows) => {
      const key = `${url.origin} ${rule}`
      const known = agents.get(key)
      if (known !== undefined) {
        // The last of all to be let go.
        agents.delete(key)
        agents.set(key, known)
        return known
      }
      const agent = new (url.protocol === 'https:' ? SecureAgent : Agent)({
        keepAlive: true,
        maxSockets: CONNECTIONS,
      })
      agent.createConnection = () =>
        connectTo(url, options, (address) => allows(addressScope(address, scopeOf)))
      hangUpOnTalkers(agent)
      const idle = agents.size < MAX_AGENTS ? undefined : [...agents].find(([, other]) => isIdle(other))
      if (idle !== undefined) {
        idle[1].destroy()
        agents.delete(idle[0])
      }
      agents.set(key, agent)
      return agent
    },
    close: () => {
      for (const agent of agents.values()) agent.destroy()
      agents.clear()
    },
  }
}

const isIdle = ({ sockets, requests }: Agent): boolean =>
  Object.keys(sockets).length === 0 && Object.keys(requests).length === 0

/** Who talks without being asked would be listened to without end, and for nothing. */
const hangUpOnTalkers = (agent: Agent): void => {
  const keep = agent.keepSocketAlive.bind(agent)
  const reuse = agent.reuseSocket.bind(agent)
  const hangUp = function (this: Duplex): void {
    this.destroy()
  }
  agent.keepSocketAlive = (socket) => {
    socket.on('data', hangUp)
    return keep(socket)
  }
  agent.reuseSocket = (socket, request) => {
    socket.off('data', hangUp)
    reuse(socket, request)
  }
}
