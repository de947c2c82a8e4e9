import type { TransportProtocol } from '../../codecs/portMapping/natPmp.js'
import { announceSoon } from '../tracker/announceSchedule.js'
import { announceDue } from './lifecycle.js'
import type { SessionModel } from './model.js'
import { sendExtendedHandshake } from './onExtended.js'
import { announcedPort } from './announcedPort.js'
import { tellDhtPortToAll } from './dhtPort.js'

/**
 * A gateway leads another port of its own to us, from here on; 0: none. Who was told of the old one hears of it: the
 * tracker and peers.
 */
export const setExternalPort = (model: SessionModel, protocol: TransportProtocol, port: number): void => {
  if (model.externalPorts[protocol] === port) return
  const before = announcedPort(model)
  model.externalPorts[protocol] = port
  if (protocol === 'udp') {
    tellDhtPortToAll(model)
    return
  }
  model.isUrgent = true
  if (announcedPort(model) === before) return
  for (const peer of model.peers.values()) if (peer.hasExtended) sendExtendedHandshake(model, peer)
  announceSoon(model.trackers, model.now)
  announceDue(model)
}

/** What is wrong with such a port. */
export const externalPortProblem = (port: number): string | undefined =>
  port >= 0 && port <= 0xffff ? undefined : `${String(port)} is not a port`
