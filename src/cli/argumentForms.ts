import { InvalidArgumentError } from 'commander'
import { parsePeer, parsePort, type PeerArgument } from './peerArgument.js'

// What stands behind an option: read here, or refused with a sentence of what was expected.

const refuse = (expected: string): never => {
  throw new InvalidArgumentError(`Expected ${expected}.`)
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

const SCHEMES: ReadonlyArray<string> = ['http:', 'https:', 'udp:', 'ws:', 'wss:']

/** `--announce`, which may be given again and again. */
export const announceForm = (text: string, before: ReadonlyArray<string> = []): ReadonlyArray<string> => {
  const scheme = URL.canParse(text) ? new URL(text).protocol : ''
  return [
    ...before,
    SCHEMES.includes(scheme) ? text : refuse('a tracker’s URL, as in http://host:port/announce'),
  ]
}
