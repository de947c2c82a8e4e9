/** What a uTP connection wants done. What came for its reader is taken with `readUtp`. */
export type UtpEffect =
  /** `bytes` may change once it is sent. */
  | { readonly _tag: 'Send'; readonly bytes: Uint8Array }
  /** A dial has succeeded. */
  | { readonly _tag: 'Connected' }
  /** There is room again after a `Write` that filled the queue. */
  | { readonly _tag: 'Drained' }
  /** The last one. `code` as the system's: `ETIMEDOUT`, `ECONNRESET`, `ECONNREFUSED`; undefined: nothing went wrong. */
  | { readonly _tag: 'Closed'; readonly code: string | undefined }
