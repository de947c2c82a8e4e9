import * as t from 'io-ts'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { MAX_STREAM_LENGTH } from '../limits.js'
import type { FileStat } from './resumeModel.js'

/** Of one file: its size plus one (0: there is none) as an integer, and its time as a double, both big-endian. */
const STAT_BYTES = 16

const sizeAt = (view: DataView, at: number): number =>
  view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4) - 1

const isPacked = (bytes: Uint8Array): boolean => {
  if (bytes.length % STAT_BYTES !== 0) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < bytes.length; at += STAT_BYTES) {
    const size = sizeAt(view, at)
    const time = view.getFloat64(at + 8)
    if (size > MAX_STREAM_LENGTH || !Number.isFinite(time) || (size < 0 && !Object.is(time, 0))) return false
  }
  return true
}

const unpack = (bytes: Uint8Array): ReadonlyArray<Option<FileStat>> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Array.from({ length: bytes.length / STAT_BYTES }, (_, file) => {
    const size = sizeAt(view, file * STAT_BYTES)
    return size < 0 ? O.none : O.some({ size, mtimeMs: view.getFloat64(file * STAT_BYTES + 8) })
  })
}

const pack = (stats: ReadonlyArray<Option<FileStat>>): Uint8Array => {
  const bytes = new Uint8Array(stats.length * STAT_BYTES)
  const view = new DataView(bytes.buffer)
  stats.forEach((stat, file) => {
    if (O.isNone(stat)) return
    const at = file * STAT_BYTES
    view.setUint32(at, Math.floor((stat.value.size + 1) / 2 ** 32))
    view.setUint32(at + 4, (stat.value.size + 1) % 2 ** 32)
    view.setFloat64(at + 8, stat.value.mtimeMs)
  })
  return bytes
}

/** Sizes and times of files in one byte string: a torrent may have hundreds of thousands of them. */
export const PackedStats: t.Type<ReadonlyArray<Option<FileStat>>, Uint8Array> = new t.Type(
  'sizes and times of files',
  (u): u is ReadonlyArray<Option<FileStat>> => Array.isArray(u),
  (u, context) => (u instanceof Uint8Array && isPacked(u) ? t.success(unpack(u)) : t.failure(u, context)),
  pack,
)
