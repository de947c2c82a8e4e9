import type { HashRange } from '../../codecs/wire/message.js'

/** What a peer has of our hash trees, and waits for (BEP 52). */
export interface HashUploads {
  /** Asked for, oldest first. */
  readonly queue: HashRange[]
  /** An answer is on its way to the socket. */
  isBusy: boolean
  served: number
  refused: number
}

export const createHashUploads = (): HashUploads => ({ queue: [], isBusy: false, served: 0, refused: 0 })
