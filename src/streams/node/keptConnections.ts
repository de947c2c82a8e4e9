import { Agent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import { ipScope } from '../../codecs/ipAddress.js'
import type { IpScope } from '../../codecs/ipAddress.js'
import { addressScope, connectTo, type GuardOptions } from './guardedRequest.js'

/** To one server, under one rule; more would only share the same link. */
const CONNECTIONS = 4
/** Servers, each under a rule, that connections are kept to. */
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
      if (known !== undefined) return known
      const agent = new (url.protocol === 'https:' ? SecureAgent : Agent)({
        keepAlive: true,
        maxSockets: CONNECTIONS,
      })
      agent.createConnection = () =>
        connectTo(url, options, (address) => allows(addressScope(address, scopeOf)))
      const [eldest] = agents
      if (eldest !== undefined && agents.size >= MAX_AGENTS) {
        eldest[1].destroy()
        agents.delete(eldest[0])
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
