export type Value =
  | number
  | string
  | Uint8Array
  | ReadonlyArray<Value>
  | { readonly [key: string]: Value }
  /** Keys of one character a byte. */
  | ReadonlyMap<string, Value>

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
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, Value>)].map(
      ([key, inner]) => [Buffer.from(key, 'latin1'), inner] as const,
    )
    return dictionary(entries)
  }
  return dictionary(
    Object.entries(value as { readonly [key: string]: Value }).map(([key, inner]) => [
      Buffer.from(key),
      inner,
    ]),
  )
}

const dictionary = (entries: ReadonlyArray<readonly [Buffer, Value]>): Uint8Array =>
  Buffer.concat([
    Buffer.from('d'),
    ...[...entries]
      .sort(([a], [b]) => Buffer.compare(a, b))
      .flatMap(([key, inner]) => [bencode(key), bencode(inner)]),
    Buffer.from('e'),
  ])
