/** What the tests use of npm `memory-chunk-store`, which has no types of its own. */
declare module 'memory-chunk-store' {
  type Done = (error?: unknown) => void
  interface Store {
    readonly put: (index: number, chunk: Uint8Array, done: Done) => void
    readonly get: (index: number, done: (error: unknown, chunk?: Uint8Array) => void) => void
    readonly close: (done: Done) => void
    readonly destroy: (done: Done) => void
  }
  const MemoryChunkStore: new (chunkLength: number, options?: { readonly length?: number }) => Store
  export default MemoryChunkStore
}
