type Value = number | string | Uint8Array | ReadonlyArray<Value> | { readonly [key: string]: Value }

/** Bencodes a literal, for tests that want bytes independent of the library. */
export const bencode = (value: Value): Uint8Array => {
  if (typeof value === 'number') return Buffer.from(`i${String(value)}e`)
  if (typeof value === 'string') return bencode(Buffer.from(value))
  if (value instanceof Uint8Array) return Buffer.concat([Buffer.from(`${String(value.length)}:`), value])
  if (Array.isArray(value)) {
    return Buffer.concat([
      Buffer.from('l'),
      ...(value as ReadonlyArray<Value>).map(bencode),
      Buffer.from('e'),
    ])
  }
  const entries = Object.entries(value as { readonly [key: string]: Value }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  return Buffer.concat([
    Buffer.from('d'),
    ...entries.flatMap(([key, inner]) => [bencode(key), bencode(inner)]),
    Buffer.from('e'),
  ])
}
