import type { CryptoMethod } from './method.js'
import type { Rc4 } from './rc4.js'

/** What a connection does to its bytes once the handshake is over. Both work in place. */
export interface PipeCipher {
  readonly method: CryptoMethod
  readonly decrypt: (bytes: Uint8Array) => void
  readonly encrypt: (bytes: Uint8Array) => void
}

const leaveAsIs = (_bytes: Uint8Array): void => undefined

/** `initialLength` bytes of what comes are encrypted whatever was agreed on: the initial payload. */
export const createPipeCipher = (
  method: CryptoMethod,
  incoming: Rc4,
  outgoing: Rc4,
  initialLength = 0,
): PipeCipher => {
  if (method === 'rc4') return { method, decrypt: incoming, encrypt: outgoing }
  let left = initialLength
  return {
    method,
    decrypt: (bytes) => {
      if (left === 0) return
      const initial = bytes.subarray(0, left)
      left -= initial.length
      incoming(initial)
    },
    encrypt: leaveAsIs,
  }
}

/** Of a connection that was never anything but plain. */
export const plainPipe: PipeCipher = { method: 'plaintext', decrypt: leaveAsIs, encrypt: leaveAsIs }
