import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import type { Metainfo } from '../index.js'
import type { ShowAction } from './action.js'
import { decodedTorrent, MAX_TORRENT_BYTES } from './decodedTorrent.js'
import { exitCode } from './exitCode.js'
import { jsonLine } from './format/plainText.js'
import { infoObject, infoText } from './infoText.js'
import { isMagnet } from './isMagnet.js'
import { end, type End } from './output.js'
import { paintOn } from './paintOn.js'
import { systemCode, systemText } from './storageText.js'
import type { Paint } from './world.js'
import { writerTo } from './writer.js'

/**
 * `rxtorrent info` and `rxtorrent magnet`: a file is read, a text is written, and that is all. Without streams, since making
 * one takes longer than that, and without listening to signals: they end it as they end any program.
 */
export const show = async (action: ShowAction): Promise<void> => {
  const isTerminal = isOnTerminal()
  const text = await shownText(action, paintOn({ isTTY: isTerminal }))
  const shown = pipe(text, E.chain(isTerminal ? print : write))
  if (E.isRight(shown)) return
  process.exitCode = shown.left.code
  writerTo(process.stderr).write(`rxtorrent: ${shown.left.text}\n`)
}

const shownText = async (action: ShowAction, paint: Paint): Promise<Either<End, string>> => {
  const { _tag, file, json } = action
  if (_tag === 'Info' && !isMagnet(file))
    return pipe(
      torrentAt(file),
      E.map((metainfo) => (json ? jsonLine(infoObject(metainfo)) : infoText(metainfo, paint))),
    )
  const { linkText, shownLink } = await import('./shownLink.js')
  return _tag === 'Info' ? shownLink(file, json, paint) : pipe(torrentAt(file), E.map(linkText(json)))
}

const torrentAt = (path: string): Either<End, Metainfo> =>
  pipe(
    E.tryCatch(
      () => readBounded(path),
      (error) => end(exitCode.disk, systemText('read', path, error)),
    ),
    E.chain((bytes) => decodedTorrent(path, bytes)),
  )

const CHUNK_BYTES = 65_536

/** As `torrentFile` does it with the loop free: all of a file, or of a pipe; undefined where it is larger than any torrent. */
const readBounded = (path: string): Uint8Array | undefined => {
  const file = openSync(path, 'r')
  try {
    const chunks: Uint8Array[] = []
    for (let size = 0; size <= MAX_TORRENT_BYTES;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
      const bytesRead = readSync(file, chunk)
      if (bytesRead === 0) return Buffer.concat(chunks)
      chunks.push(chunk.subarray(0, bytesRead))
      size += bytesRead
    }
    return undefined
  } finally {
    closeSync(file)
  }
}

const STDOUT = 1

/** What knows terminals takes longer to load than to ask whether this could be one. */
const isOnTerminal = (): boolean => fstatSync(STDOUT).isCharacterDevice() && isatty(STDOUT)

/** Terminals take text, each system's in its own way. */
const print = (text: string): Either<End, void> => {
  writerTo(process.stdout).write(`${text}\n`)
  return E.right(undefined)
}

/** Anything else takes bytes. That nobody reads them any more (`EPIPE`) is no misfortune of ours. */
const write = (text: string): Either<End, void> => {
  const bytes = Buffer.from(`${text}\n`)
  let written = 0
  try {
    while (written < bytes.length) written += writeSync(STDOUT, bytes, written)
  } catch (error) {
    // Somebody has it refuse what it has no room for, which `process.stdout` knows how to wait for.
    if (systemCode(error) === 'EAGAIN') writerTo(process.stdout).write(bytes.subarray(written))
    else if (systemCode(error) !== 'EPIPE')
      return E.left(end(exitCode.disk, systemText('write', 'the output', error)))
  }
  return E.right(undefined)
}
