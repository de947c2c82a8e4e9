import type { SocketError } from '../deps.js'

/** What `node:net` reported or threw, by its code. */
export const socketError = (error: unknown): SocketError => ({
  _tag: 'SocketError',
  code: error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EUNKNOWN',
})
