import { hasBit } from '../piece/bitfield.js'
import { isWanted } from '../piece/pieceTable.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'

export const peerHas = (peer: PeerModel, piece: number): boolean =>
  peer.bits === undefined || hasBit(peer.bits, piece)

/** Whether blocks of the piece can be asked of the peer: it is wanted, it has it, and it does not choke us for it. */
export const mayAsk = ({ table }: SessionModel, peer: PeerModel, piece: number): boolean =>
  isWanted(table, piece) && peerHas(peer, piece) && (!peer.peerChoking || peer.allowedFast.includes(piece))
