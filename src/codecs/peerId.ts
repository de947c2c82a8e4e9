/** A client's two letters in the Azureus style of BEP 20, its name, and how it writes its version. */
type VersionStyle = 'four' | 'three' | 'three-beta' | 'bitcomet' | 'transmission'

const AZUREUS: Readonly<Record<string, readonly [name: string, style: VersionStyle]>> = {
  AG: ['Ares', 'four'],
  AZ: ['Azureus / Vuze', 'four'],
  BC: ['BitComet', 'bitcomet'],
  BI: ['BiglyBT', 'four'],
  BT: ['BitTorrent', 'three-beta'],
  DE: ['Deluge', 'three-beta'],
  FD: ['Free Download Manager', 'three'],
  FW: ['FrostWire', 'three'],
  HL: ['Halite', 'three'],
  KG: ['KGet', 'four'],
  KT: ['KTorrent', 'three'],
  LT: ['libtorrent', 'four'],
  LW: ['LimeWire', 'four'],
  PI: ['PicoTorrent', 'three'],
  RX: ['rxtorrent', 'three'],
  SD: ['Xunlei', 'four'],
  TR: ['Transmission', 'transmission'],
  TX: ['Tixati', 'three'],
  UM: ['µTorrent Mac', 'three-beta'],
  UT: ['µTorrent', 'three-beta'],
  UW: ['µTorrent Web', 'three-beta'],
  WD: ['WebTorrent Desktop', 'four'],
  WW: ['WebTorrent', 'four'],
  XL: ['Xunlei', 'four'],
  lt: ['rTorrent', 'three'],
  qB: ['qBittorrent', 'three'],
  rq: ['rqbit', 'three'],
}

const SHADOW: Readonly<Record<string, string>> = {
  A: 'ABC',
  O: 'Osprey Permaseed',
  Q: 'BTQueue',
  R: 'Tribler',
  S: 'Shad0w',
  T: 'BitTornado',
  U: 'UPnP NAT',
}

/** Major, minor, patch and a spare digit of `VERSION`, in base 62. */
const PREFIX = '-RX0100-'

/** Bytes of chance that `createPeerId` wants. */
export const PEER_ID_RANDOM_LENGTH = 20 - PREFIX.length

/** Our own peer id (BEP 20): who we are and twelve random bytes. */
export const createPeerId = (random: Uint8Array): Uint8Array => {
  const out = new Uint8Array(20)
  for (let i = 0; i < PREFIX.length; i++) out[i] = PREFIX.charCodeAt(i)
  out.set(random.subarray(0, PEER_ID_RANDOM_LENGTH), PREFIX.length)
  return out
}

/**
 * The program behind a peer id, as a person would name it; where it follows no known convention, its bytes with all but
 * printable ASCII percent-escaped. A hint, never an identity: peers say what they like.
 *
 * @example
 * ```ts
 * describePeerId(new TextEncoder().encode('-TR4000-abcdefghijkl')) // 'Transmission 4.0.0'
 * ```
 */
export const describePeerId = (peerId: Uint8Array): string => {
  const text = String.fromCharCode(...peerId.subarray(0, 20))
  return azureus(text) ?? dashed(text) ?? shadow(text) ?? escape(peerId)
}

const azureus = (text: string): string | undefined => {
  const match = /^-([A-Za-z]{2})([0-9A-Za-z]{4})-/.exec(text)
  const client = AZUREUS[match?.[1] ?? '']
  const version = match?.[2]
  if (client === undefined || version === undefined) return undefined
  return `${client[0]} ${showVersion(version, client[1])}`
}

/** 0–9, then A–Z for 10–35, then a–z for 36–61. */
const digit = (character: string): string => {
  if (character <= '9') return character
  const code = character.charCodeAt(0)
  return String(character <= 'Z' ? code - 55 : code - 61)
}

const showVersion = (version: string, style: VersionStyle): string => {
  const digits = Array.from(version, digit)
  const last = version.charAt(3)
  const three = digits.slice(0, 3).join('.')
  switch (style) {
    case 'four':
      return digits.join('.')
    case 'three':
      return three
    case 'three-beta':
      return three + stage(last)
    case 'bitcomet':
      return `${String(Number(version.slice(0, 2)))}.${version.slice(2)}`
    case 'transmission':
      if (version.startsWith('000')) return `0.${last}`
      if (version.startsWith('00')) return `0.${version.slice(2)}`
      if (version <= '3zzz')
        return `${version.charAt(0)}.${version.slice(1, 3)}${/[XZ]/.test(last) ? '+' : ''}`
      return three + stage(last)
  }
}

const stage = (character: string): string => {
  if (character === 'B') return ' (Beta)'
  return character === 'A' ? ' (Alpha)' : character === 'X' || character === 'Z' ? ' (Dev)' : ''
}

/** Mainline's `M7-9-2--` and aria2's `A2-1-18-8-`. */
const dashed = (text: string): string | undefined => {
  const match = /^(M|Q|A2-)(\d{1,3}-\d{1,3}-\d{1,3})-/.exec(text)
  if (match === null) return undefined
  const name = match[1] === 'M' ? 'BitTorrent' : match[1] === 'Q' ? 'Queen Bee' : 'aria2'
  return `${name} ${(match[2] ?? '').replaceAll('-', '.')}`
}

/** Shad0w's style: a letter, up to five digits of base 64, and dashes. */
const shadow = (text: string): string | undefined => {
  const match = /^([AOQRSTU])([0-9A-Za-z]{1,5})-{3,}/.exec(text)
  const name = SHADOW[match?.[1] ?? '']
  return name === undefined ? undefined : `${name} ${Array.from(match?.[2] ?? '', digit).join('.')}`
}

const escape = (bytes: Uint8Array): string => {
  let out = ''
  for (const byte of bytes.subarray(0, 20)) {
    const isPlain = byte > 0x20 && byte < 0x7f && byte !== 0x25
    out += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`
  }
  return out
}
