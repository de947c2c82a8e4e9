import { tap } from 'rxjs'
import * as E from '#fp/Either'
import type { PipeCipher } from '../../codecs/encryption/pipeCipher.js'
import type { PeerSocket } from '../deps.js'

/** `inner` behind that cipher: decrypted in the buffers that come, and encrypted in those that are written. */
export const encryptedSocket = (inner: PeerSocket, cipher: PipeCipher): PeerSocket => {
  const socket: PeerSocket = {
    ...inner,
    isEncrypted: () => cipher.method === 'rc4',
    settled: () => socket,
    chunk$: inner.chunk$.pipe(
      tap((chunk) => {
        if (E.isRight(chunk)) cipher.decrypt(chunk.right)
      }),
    ),
    write: (buffers, onTaken) => {
      for (const bytes of buffers) cipher.encrypt(bytes)
      return inner.write(buffers, onTaken)
    },
  }
  return socket
}
