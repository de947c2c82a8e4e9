/** Lower-case hexadecimal. */
export const toHex = (bytes: Uint8Array): string => {
  // In one piece: a text that was put together digit by digit keeps all its parts, and those who keep it for long are many.
  const digits = new Uint8Array(2 * bytes.length)
  for (let i = 0; i < bytes.length; i++) {
    digits[2 * i] = HEX_DIGITS[bytes[i]! >> 4]!
    digits[2 * i + 1] = HEX_DIGITS[bytes[i]! & 15]!
  }
  return decoder.decode(digits)
}

/** The bytes of hexadecimal text of either case; `undefined` if it is anything else. */
export const fromHex = (text: string): Uint8Array | undefined => {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/** UTF-8 of a text; lone surrogates become U+FFFD. */
export const toUtf8 = (text: string): Uint8Array => encoder.encode(text)

/** Text of UTF-8, what is not valid as U+FFFD. Never throws; a byte order mark is kept. */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes)

/** One character a byte, U+0000 to U+00FF; comparing such texts with `<` compares the bytes. */
export const toLatin1 = (bytes: Uint8Array): string => {
  // Concatenation is quickest for a dictionary's usual keys. From 13 letters on V8 would keep all the parts, 32 bytes for
  // each letter: file names are kept for long, and a hostile key may be long too.
  if (bytes.length > 12 && bytes.every(isAscii)) return decoder.decode(bytes)
  if (bytes.length > 64)
    return (utf16 ??= new TextDecoder('utf-16le', { ignoreBOM: true })).decode(Uint16Array.from(bytes))
  let text = ''
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]!)
  return text
}

/** The bytes of a text without characters above U+00FF (those lose their upper bits). */
export const fromLatin1 = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

export const concatBytes = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

const isAscii = (byte: number): boolean => byte < 0x80

const HEX_DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
let utf16: InstanceType<typeof TextDecoder> | undefined
