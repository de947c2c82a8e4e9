import { insist, load, MiB } from './kernel.mjs'

/** @import { Kernel } from './kernel.mjs' */
/** @import { SessionEvent } from '../../src/operators/session/event.js' */
/** @import { WireMessage } from '../../src/codecs/wire/message.js' */

const pieceCount = 1024
const peerCount = 4
const blockLength = 16_384
/** What a socket chunk of 1 MiB completes. */
const batchLength = 64
const blocks = pieceCount * (MiB / blockLength)
const batchMs = 1

/** @returns {import('../../src/codecs/metainfoModel.js').Metainfo} */
const metainfo = () => {
  const none = /** @type {const} */ ({ _tag: 'None' })
  const length = pieceCount * MiB
  const path = ['payload.bin']
  const file = { path, length, offset: 0, isPad: false, isExecutable: false, isHidden: false }
  return {
    name: 'payload.bin',
    version: 'v1',
    infohash: { v1: { _tag: 'Some', value: new Uint8Array(20) }, v2: none },
    pieceLength: MiB,
    pieceCount,
    totalSize: length,
    streamLength: length,
    files: [{ ...file, symlink: none, piecesRoot: none }],
    pieces: new Uint8Array(pieceCount * 20),
    pieceLayers: new Map(),
    isPrivate: false,
    trackers: [],
    webSeeds: [],
    httpSeeds: [],
    nodes: [],
    comment: none,
    createdBy: none,
    creationDate: none,
    info: new Uint8Array(0),
    isCanonical: true,
  }
}

/**
 * The fold alone, from `Started` to the last piece, with a world that does nothing and answers at once.
 *
 * @returns {Promise<ReadonlyArray<Kernel>>}
 */
export const foldKernels = async () => {
  const { createModel } = /** @type {typeof import('../../src/operators/session/model.js')} */ (
    await load('operators/session/model.js')
  )
  const { turn } = /** @type {typeof import('../../src/operators/session/turn.js')} */ (
    await load('operators/session/turn.js')
  )
  const { defaultPolicies } = /** @type {typeof import('../../src/operators/session/policies.js')} */ (
    await load('operators/session/policies.js')
  )

  const config = {
    metainfo: metainfo(),
    peerId: Buffer.from('-RX0001-bench0000000'),
    seed: 1,
    announceKey: 1,
    policies: defaultPolicies,
    peers: Array.from({ length: peerCount }, (_, i) => ({ host: `10.0.0.${String(i + 1)}`, port: 6881 })),
  }
  const payload = new Uint8Array(blockLength)

  const download = () => {
    let at = 0
    const model = createModel(config, at)
    /** @type {SessionEvent[]} */
    const answers = [{ _tag: 'Started', at }]
    /** Requests not yet answered, by peer. @type {Map<number, WireMessage[]>} */
    const asked = new Map()

    /** @param {SessionEvent} event */
    const play = (event) => {
      for (const effect of turn(model, event).effects) {
        switch (effect._tag) {
          case 'OpenStorage':
            answers.push({ _tag: 'StorageOpened', at })
            break
          case 'CheckPieces':
            answers.push({ _tag: 'PiecesChecked', at, first: 0, ok: new Uint8Array(pieceCount) })
            break
          case 'Listen':
            answers.push({ _tag: 'Listening', at, port: 6881 })
            break
          case 'Dial': {
            const { peer, address } = effect
            const peerId = Buffer.from(`-BL0001-${String(peer).padStart(12, '0')}`)
            const reserved = new Uint8Array(8)
            asked.set(peer, [])
            answers.push({
              _tag: 'PeerConnected',
              at,
              peer,
              address,
              direction: 'outgoing',
              peerId,
              reserved,
            })
            const bits = new Uint8Array(pieceCount / 8).fill(0xff)
            const messages = /** @type {const} */ ([{ _tag: 'Bitfield', bits }, { _tag: 'Unchoke' }])
            answers.push({ _tag: 'PeerBatch', at, peer, messages, wireBytes: bits.length + 10 })
            break
          }
          case 'Send':
            for (const message of effect.messages) {
              if (message._tag === 'Request') asked.get(effect.peer)?.push(message)
            }
            break
          case 'VerifyPiece':
            answers.push({ _tag: 'PieceVerified', at, piece: effect.piece, ok: true })
            break
          case 'WritePiece':
            answers.push({ _tag: 'PieceWritten', at, piece: effect.piece })
            break
          case 'Flush':
            answers.push({ _tag: 'Flushed', at })
            break
          default:
        }
      }
    }

    const settle = () => {
      for (let next = answers.shift(); next !== undefined; next = answers.shift()) play(next)
    }

    settle()
    for (let batches = 0; model.table.havePieces < pieceCount; batches++) {
      insist(batches < blocks, 'the download does not end')
      at += batchMs
      for (const [peer, requests] of asked) {
        /** @type {WireMessage[]} */
        const messages = []
        for (const request of requests.splice(0, batchLength)) {
          if (request._tag !== 'Request') continue
          messages.push({ _tag: 'Piece', piece: request.piece, begin: request.begin, payload })
        }
        if (messages.length > 0) {
          play({ _tag: 'PeerBatch', at, peer, messages, wireBytes: messages.length * (blockLength + 13) })
        }
      }
      if (batches % 100 === 0) play({ _tag: 'Tick', at })
      settle()
    }
    insist(model.downloaded === pieceCount * MiB, `${String(model.downloaded)} bytes`)
  }

  const name = `fold, 1 GiB from ${String(peerCount)} seeds, ${String(batchLength)} blocks a batch`
  return [{ name, count: blocks, unit: 'block', run: download }]
}
