/**
 * Bytes to typed values and back: .torrent files, the peer wire, tracker answers, the packets of the DHT. Pure; failures are `Left`s.
 *
 * @packageDocumentation
 */
export type { BencodeReason, DecodeError } from './errors.js'
export { showDecodeError } from './errors.js'
export { plainText } from './plainText.js'
export { showTrackerError } from './showTrackerError.js'

export type { BencodeDict, BencodeDocument, BencodeList, BencodeOptions, BencodeValue } from './bencode.js'
export { decodeBencode, encodeBencode } from './bencode.js'

export type { FileEntry } from './metainfoModel.js'
export { decodeMetainfo, encodeMetainfo, Metainfo } from './metainfo.js'
export { hasPieceHashes } from './missingLayers.js'
export { makeMetainfo, type MetainfoDraft } from './metainfo/makeMetainfo.js'

export type { FileRange, Magnet } from './magnet.js'
export { decodeMagnet, encodeMagnet, magnetOf, wantsFile } from './magnet.js'

export type { Handshake, WireError } from './wire/message.js'
export { WireMessage } from './wire/wireMessage.js'
export type { DecodedChunk, FrameDecoder } from './wire/frameDecoder.js'
export { createFrameDecoder } from './wire/frameDecoder.js'
export { writeMessages } from './wire/write.js'
export { decodeUtMetadata, encodeUtMetadata, type UtMetadata } from './wire/utMetadata.js'
export type { PeerFeatures } from './handshake.js'
export { decodeHandshake, decodeReserved, encodeHandshake, encodeReserved } from './handshake.js'

export type { KeyPair, NewKeyPair } from './encryption/keyPair.js'

export type { AnnouncedPeer, AnnounceRequest, AnnounceResponse } from './announce.js'
export { allowedFastSet } from './allowedFast.js'
export { announceQuery } from './announceQuery.js'
export { decodeAnnounceResponse } from './announceResponse.js'
export { decodeScrapeResponse, type ScrapeEntry } from './scrapeResponse.js'
export {
  type ConnectionId,
  encodeUdpAnnounce,
  encodeUdpConnect,
  encodeUdpScrape,
} from './udpTracker/udpRequest.js'
export { decodeUdpResponse, type UdpQuestion, type UdpResponse } from './udpTracker/udpResponse.js'
export { decodeCompactPeers, encodeCompactPeers } from './compactPeers.js'
export { decodeLsd, encodeLsd, type LsdAnnounce } from './lsd.js'
export type { PeerAddress } from './peerAddress.js'
export { showAddress } from './showAddress.js'
export { createPeerId, describePeerId } from './peerId.js'
export type { TrackerError } from './trackerError.js'
export { decodeResume, encodeResume, ResumeData, showResumeError } from './resume.js'
export type {
  FileStat,
  PartialPiece,
  RenamedFile,
  ResumeError,
  ResumeField,
  ResumeOptions,
  ResumeTotals,
  Unsynced,
} from './resume.js'

export { decodeUtp, encodeUtp, UTP_TYPE, type UtpPacket, type UtpType } from './utp/utpPacket.js'

export type { DhtNode } from './compactNodes.js'
export { decodeCompactNodes, encodeCompactNodes } from './compactNodes.js'
export type { DhtItem, ImmutableItem, MutableItem, PutRefusal } from './dhtItem.js'
export { checkItem, checkPut, mutableTarget, signatureInput, signItem, targetOf } from './dhtItem.js'
export { publicKeyOf, signEd25519, verifyEd25519 } from './ed25519.js'
export { itemOfAnswer } from './krpc/itemOfAnswer.js'
export { isNodeIdOf, nodeIdFor } from './nodeId.js'
export { decodeKrpc, encodeKrpc, KrpcErrorCode } from './krpc.js'
export type {
  KrpcAnswer,
  KrpcError,
  KrpcMessage,
  KrpcQuery,
  KrpcQueryBody,
  KrpcRefusal,
  KrpcResponse,
  NodeFamily,
} from './krpc.js'
export type { MutableTorrent } from './mutableTorrent.js'
export {
  decodeTorrentValue,
  encodeTorrentValue,
  mutableMagnet,
  parseMutableMagnet,
} from './mutableTorrent.js'
