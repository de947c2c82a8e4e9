/** What a peer has of our metadata, and waits for (BEP 9). */
export interface MetadataUploads {
  /** Pieces asked for, oldest first. */
  readonly queue: number[]
  /** One is on its way to the socket. */
  isBusy: boolean
  served: number
  refused: number
}

export const createMetadataUploads = (): MetadataUploads => ({
  queue: [],
  isBusy: false,
  served: 0,
  refused: 0,
})
