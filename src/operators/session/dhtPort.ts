import { emit, tell } from './emit.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'

/** Where our DHT node is, from here on; 0: nowhere. Peers that know the DHT are told (BEP 5). */
export const setDhtPort = (model: SessionModel, port: number): void => {
  if (port === model.dhtPort) return
  model.dhtPort = port
  tellDhtPortToAll(model)
}

export const tellDhtPortToAll = (model: SessionModel): void => {
  for (const peer of model.peers.values()) tellDhtPort(model, peer)
}

/** Tells a peer that knows the DHT where our node is, if there is one. */
export const tellDhtPort = (model: SessionModel, peer: PeerModel): void => {
  const { dhtPort, externalPorts } = model
  if (dhtPort === 0 || !peer.hasDht) return
  tell(model, peer, { _tag: 'Port', port: externalPorts.udp === 0 ? dhtPort : externalPorts.udp })
}

/** What is wrong with such a port, as things are. */
export const dhtPortProblem = (model: SessionModel, port: number): string | undefined => {
  if (model.config.metainfo.isPrivate) return 'a private torrent has no DHT'
  return port >= 0 && port <= 0xffff ? undefined : `${String(port)} is not a port`
}

/** A peer says where its node is. One says so once; of a private torrent nobody is to (BEP 27). */
export const onDhtPort = (model: SessionModel, peer: PeerModel, port: number): void => {
  if (port === 0 || peer.hasToldDhtPort || model.config.metainfo.isPrivate) return
  peer.hasToldDhtPort = true
  emit(model, { _tag: 'AddDhtNode', address: { host: peer.address.host, port } })
}
