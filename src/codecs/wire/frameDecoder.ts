import type { WireError, WireMessage } from './message.js'
import { PREFIX_LENGTH } from './messageId.js'
import type { WireLimits } from './read.js'
import {
  checkLength,
  DEFAULT_WIRE_LIMITS,
  isKnownId,
  KEEP_ALIVE,
  readBody,
  readUint32,
  tooLong,
} from './read.js'

/** What one chunk completed. With an error, `messages` holds what came before it; nothing after it is decoded. */
export interface DecodedChunk {
  readonly messages: readonly WireMessage[]
  readonly error: WireError | undefined
}

/** Cuts a peer's byte stream, after the handshake, into messages. One for each connection. */
export interface FrameDecoder {
  /**
   * Payloads in the result are borrowed: views of `chunk`, or of the decoder's own memory for a message that came in
   * several chunks. All die with the next `write`, or sooner, with the chunk.
   */
  readonly write: (chunk: Uint8Array) => DecodedChunk
  /** Tightens (or loosens) the limit on `bitfield`, once the piece count is known. */
  readonly setMaxBitfieldBytes: (bytes: number) => void
  /**
   * Memory held between chunks. Where the last one ended a message: none if it was shorter than a block, and else 128 KiB
   * at most.
   */
  readonly heldBytes: () => number
}

const NOTHING = new Uint8Array(0)

/** Larger carry buffers are let go as soon as their message is out. */
const KEPT_CARRY_BYTES = 64 * 1024

/** Whoever sends so much at a time sends blocks, and is about to send more: it would need the memory again at once. */
const BUSY_CHUNK_BYTES = 16 * 1024

/** What one decoder keeps: a record, since there is one for each peer, and functions of its own would take five times as much. */
interface DecoderState {
  limits: WireLimits
  error: WireError | undefined
  /** The start of a message whose end has not come yet: the first `carried` bytes of `carry`. */
  carry: Uint8Array
  carried: number
  /** Takes turns with `carry`: a message just read from one may be in use while the other fills. */
  spare: Uint8Array
  /** Bytes of an unknown message still to pass over. */
  skip: number
}

/**
 * A decoder in its first state. The cut into chunks makes no difference to the messages.
 *
 * Every length is checked before anything is kept for it, and memory grows by what arrived, never by what a peer
 * claimed. Messages of unknown ids are passed over without being kept (BEP 3 asks for no more).
 */
export const createFrameDecoder = (limits: WireLimits = DEFAULT_WIRE_LIMITS): FrameDecoder => {
  const state: DecoderState = {
    limits,
    error: undefined,
    carry: NOTHING,
    carried: 0,
    spare: NOTHING,
    skip: 0,
  }
  return {
    write: (chunk) => decode(state, chunk),
    setMaxBitfieldBytes: (bytes) => {
      state.limits = { ...state.limits, maxBitfieldBytes: bytes }
    },
    heldBytes: () => state.carry.length + state.spare.length,
  }
}

const decode = (state: DecoderState, chunk: Uint8Array): DecodedChunk => {
  const messages: WireMessage[] = []
  if (state.error !== undefined) return { messages, error: state.error }
  const end = chunk.length
  let at = finishCarried(state, chunk, messages)
  if (state.skip > 0) {
    const passed = Math.min(state.skip, end - at)
    state.skip -= passed
    at += passed
  }
  if (!hasFailed(state)) at = readFrames(state, chunk, at, end, messages)
  if (!hasFailed(state) && at < end) keep(state, chunk, at, end)
  if (hasFailed(state) || (state.carried === 0 && end < BUSY_CHUNK_BYTES)) {
    state.carry = NOTHING
    state.spare = NOTHING
  }
  return { messages, error: state.error }
}

const hasFailed = ({ error }: DecoderState): boolean => error !== undefined

/** Reads whole messages from `start`; returns where the first unfinished one begins. */
const readFrames = (
  state: DecoderState,
  bytes: Uint8Array,
  start: number,
  end: number,
  messages: WireMessage[],
): number => {
  const { limits } = state
  let at = start
  while (at + PREFIX_LENGTH <= end) {
    const length = readUint32(bytes, at)
    if (length === 0) {
      messages.push(KEEP_ALIVE)
      at += PREFIX_LENGTH
      continue
    }
    if (length > limits.maxMessageBytes) {
      state.error = tooLong(length, limits.maxMessageBytes)
      return at
    }
    const body = at + PREFIX_LENGTH
    if (body === end) return at
    const id = bytes[body]!
    const error = checkLength(id, length, limits)
    if (error !== undefined) {
      state.error = error
      return at
    }
    if (!isKnownId(id)) {
      messages.push({ _tag: 'Unknown', id, length })
      state.skip = Math.max(0, body + length - end)
      at = body + length - state.skip
      continue
    }
    if (body + length > end) return at
    messages.push(readBody(bytes, body, length))
    at = body + length
  }
  return at
}

/** How many more bytes the carried message needs before anything new can be said about it. */
const missing = ({ carry, carried }: DecoderState): number => {
  if (carried < PREFIX_LENGTH) return PREFIX_LENGTH - carried
  const whole = PREFIX_LENGTH + readUint32(carry, 0)
  return carried === PREFIX_LENGTH ? 1 : whole - carried
}

const keep = (state: DecoderState, chunk: Uint8Array, start: number, end: number): void => {
  const { carry, carried, limits } = state
  const needed = carried + end - start
  if (needed > carry.length) {
    const grown = new Uint8Array(Math.max(needed, Math.min(2 * carry.length, limits.maxMessageBytes)))
    grown.set(carry.subarray(0, carried))
    state.carry = grown
  }
  state.carry.set(chunk.subarray(start, end), carried)
  state.carried = needed
}

/** Feeds the carried message from the chunk until one of them is used up; returns where the chunk goes on. */
const finishCarried = (state: DecoderState, chunk: Uint8Array, messages: WireMessage[]): number => {
  let at = 0
  while (state.carried > 0 && at < chunk.length && state.error === undefined) {
    const end = Math.min(chunk.length, at + missing(state))
    keep(state, chunk, at, end)
    at = end
    const { carry } = state
    if (readFrames(state, carry, 0, state.carried, messages) > 0) {
      state.carry = state.spare
      state.spare = carry.length > KEPT_CARRY_BYTES ? NOTHING : carry
      state.carried = 0
    }
  }
  return at
}
