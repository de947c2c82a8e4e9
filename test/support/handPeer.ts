import { HANDSHAKE_LENGTH } from '../../src/codecs/handshake.js'
import { createFrameDecoder } from '../../src/codecs/wire/frameDecoder.js'
import type { WireMessage } from '../../src/codecs/wire/message.js'
import { attack, handshakeOf } from './attacker.js'
import type { MadeTorrent } from './makeTorrent.js'
import { blockOf } from './virtualPeer.js'

/** A peer over a real socket, written by hand: it counts the payload that moves, either way. */
export interface HandPeer {
  readonly sent: () => number
  readonly received: () => number
  readonly requests: () => number
  readonly isClosed: () => boolean
  readonly tells: (...messages: ReadonlyArray<WireMessage>) => void
}

/**
 * Connects to a session. A `seed` unchokes it and answers every request at once; a `leech` wants all it can get, and
 * asks again for whatever was sent or refused.
 */
export const handPeer = (port: number, torrent: MadeTorrent, role: 'seed' | 'leech', id = 1): HandPeer => {
  const { socket, says, tells, isClosed } = attack(port)
  const decoder = createFrameDecoder()
  let toSkip = HANDSHAKE_LENGTH
  let [sent, received, requests, asked] = [0, 0, 0, 0]
  const { pieceLength, pieceCount } = torrent.metainfo

  const ask = (): void => {
    const begin = (asked++ * 16_384) % (pieceLength * (pieceCount - 1))
    const piece = Math.floor(begin / pieceLength)
    tells({ _tag: 'Request', piece, begin: begin % pieceLength, length: 16_384 })
  }
  const onMessage = (message: WireMessage): void => {
    if (message._tag === 'Request') {
      requests++
      const payload = blockOf(torrent, message)
      sent += payload.length
      tells({ ...message, _tag: 'Piece', payload })
    } else if (message._tag === 'Piece') {
      received += message.payload.length
      ask()
    } else if (message._tag === 'Unchoke' && role === 'leech') for (let i = 0; i < 16; i++) ask()
  }
  socket.on('data', (chunk) => {
    const skipped = Math.min(toSkip, chunk.length)
    toSkip -= skipped
    for (const message of decoder.write(chunk.subarray(skipped)).messages) onMessage(message)
  })
  says(handshakeOf(torrent, id))
  if (role === 'seed') tells({ _tag: 'HaveAll' }, { _tag: 'Unchoke' })
  else tells({ _tag: 'HaveNone' }, { _tag: 'Interested' })
  return { sent: () => sent, received: () => received, requests: () => requests, isClosed, tells }
}
