import { closeSync, openSync, readSync } from 'node:fs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import type { Metainfo } from '../index.js'
import type { ShowAction } from './action.js'
import { answer, isOnTerminal } from './answer.js'
import { decodedTorrent, MAX_TORRENT_BYTES } from './decodedTorrent.js'
import { exitCode } from './exitCode.js'
import { jsonLine } from './format/plainText.js'
import { infoObject, infoText } from './infoText.js'
import { isMagnet } from './isMagnet.js'
import { end, type End } from './output.js'
import { paintOn } from './paintOn.js'
import { systemText } from './storageText.js'
import type { Paint } from './world.js'

/**
 * `rxtorrent info` and `rxtorrent magnet`: a file is read, a text is written, and that is all. Without streams, since making
 * one takes longer than that, and without listening to signals: they end it as they end any program.
 */
export const show = async (action: ShowAction): Promise<void> => {
  answer(await shownText(action, paintOn({ isTTY: isOnTerminal() })))
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
