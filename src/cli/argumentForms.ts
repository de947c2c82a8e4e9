import { parseFileChoices, type FileChoice } from './fileChoice.js'
import { parsePeer, parsePort, type PeerArgument } from './peerArgument.js'

// What stands behind an option: read here, or refused with a sentence of what was expected.

/** By its code, commander knows it for what it is; what is read without commander does not load it for that. */
const refuse = (expected: string): never => {
  throw Object.assign(new Error(`Expected ${expected}.`), { code: 'commander.invalidArgument' })
}

/** `--peer`, which may be given again and again. */
export const peerForm = (
  text: string,
  before: ReadonlyArray<PeerArgument> = [],
): ReadonlyArray<PeerArgument> => [
  ...before,
  parsePeer(text) ?? refuse('HOST:PORT, as in 192.0.2.1:6881, [2001:db8::1]:6881 or localhost:6881'),
]

export const portForm = (text: string): number => parsePort(text, 0) ?? refuse('a port from 0 (any) to 65535')

export const secondsForm = (text: string): number => {
  const seconds = /^\d{1,7}(\.\d{1,3})?$/.test(text) ? Number(text) : 0
  return seconds > 0 ? seconds : refuse('a number of seconds greater than 0')
}

const SECONDS_IN = new Map([
  ['', 1],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
])

/** `--seed-time`: seconds, or with a unit: `90`, `30m`, `2h`, `1.5d`. */
export const durationForm = (text: string): number => {
  const [, digits = '', unit = ''] = /^(\d{1,7}(?:\.\d{1,3})?)([smhd])?$/i.exec(text) ?? []
  const seconds = Number(digits) * (SECONDS_IN.get(unit.toLowerCase()) ?? 0)
  return seconds > 0 ? seconds : refuse('a time greater than 0, as in 90, 30m or 2h')
}

/** `--seed-ratio`. */
export const ratioForm = (text: string): number => {
  const ratio = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : 0
  return ratio > 0 ? ratio : refuse('a ratio greater than 0, as in 1.5')
}

const UNITS = new Map([
  ['', 1],
  ['k', 1024],
  ['m', 1024 * 1024],
])

/** `--piece-length`: bytes, or with a unit: `262144`, `256K`, `1M`, `1MiB`. */
export const pieceLengthForm = (text: string): number => {
  const [, digits = '', unit = ''] = /^(\d{1,9})(?:([km])(?:ib)?)?$/i.exec(text) ?? []
  const length = Number(digits) * (UNITS.get(unit.toLowerCase()) ?? 0)
  const isPowerOfTwo = length > 0 && Number.isInteger(Math.log2(length))
  return isPowerOfTwo && length >= 16_384 ? length : refuse('a power of two from 16K on, as in 256K or 1M')
}

const RATE_UNITS = new Map([...UNITS, ['g', 1024 * 1024 * 1024]])

/** `--down` and `--up`: bytes a second, or with a unit: `500K`, `1.5M`, `2MiB`. */
export const rateForm = (text: string): number => {
  const [, digits = '', unit = ''] =
    /^(\d{1,12}(?:\.\d{1,3})?)(?:([kmg])(?:i?b)?)?(?:\/s)?$/i.exec(text) ?? []
  const rate = Math.round(Number(digits) * (RATE_UNITS.get(unit.toLowerCase()) ?? 0))
  return rate > 0 ? rate : refuse('bytes a second, greater than 0, as in 500K or 1.5M')
}

/** `--select`, which may be given again and again. */
export const selectForm = (
  text: string,
  before: ReadonlyArray<FileChoice> = [],
): ReadonlyArray<FileChoice> => [
  ...before,
  ...(parseFileChoices(text) ??
    refuse('numbers of files as `info` shows them, or patterns, as in 1-3,5 or *.mkv')),
]

/** The target of an item in the DHT, or a public key. */
export const dhtTargetForm = (text: string): Uint8Array =>
  /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(text)
    ? Uint8Array.from(text.match(/../g) ?? [], (digits) => parseInt(digits, 16))
    : refuse('40 hex digits (a target) or 64 (a public key)')

const MAX_SALT_BYTES = 64

/** `--salt`. */
export const saltForm = (text: string): string =>
  new TextEncoder().encode(text).length <= MAX_SALT_BYTES
    ? text
    : refuse(`at most ${String(MAX_SALT_BYTES)} bytes`)

const SCHEMES: ReadonlyArray<string> = ['http:', 'https:', 'udp:', 'ws:', 'wss:']

/** `--announce`, which may be given again and again. */
export const announceForm = (text: string, before: ReadonlyArray<string> = []): ReadonlyArray<string> => {
  const scheme = URL.canParse(text) ? new URL(text).protocol : ''
  return [
    ...before,
    SCHEMES.includes(scheme) ? text : refuse('a tracker’s URL, as in http://host:port/announce'),
  ]
}
