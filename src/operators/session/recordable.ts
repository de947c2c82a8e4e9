import type { WireMessage } from '../../codecs/wire/message.js'
import type { PeerEvent, SessionEvent } from './event.js'

const ZEROS = new Uint8Array(1024 * 1024)

/**
 * The event in a form that can be kept: payloads of blocks, which the fold never reads, become zeros of the same
 * length; other borrowed bytes are copied. Folding it gives the same effects, but for what `StoreBlock` carries.
 */
export const recordable = (event: SessionEvent): SessionEvent =>
  event._tag === 'PeerBatch' ? recordableBatch(event) : event

type PeerBatch = PeerEvent & { readonly _tag: 'PeerBatch' }

export const recordableBatch = (event: PeerBatch): PeerBatch => ({
  ...event,
  messages: event.messages.map(keep),
})

const keep = (message: WireMessage): WireMessage => {
  switch (message._tag) {
    case 'Piece':
      return { ...message, payload: ZEROS.subarray(0, message.payload.length) }
    case 'Bitfield':
      return { ...message, bits: message.bits.slice() }
    case 'Extended':
      return { ...message, payload: message.payload.slice() }
    case 'HashRequest':
    case 'HashReject':
      return { ...message, root: message.root.slice() }
    case 'Hashes':
      return { ...message, root: message.root.slice(), hashes: message.hashes.slice() }
    default:
      return message
  }
}
