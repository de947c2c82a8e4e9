import { randomBytes } from 'node:crypto'
import { access, constants, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { connect, defer, EMPTY, from, merge, mergeMap, of, switchMap, takeLast, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import {
  createTorrent,
  decodeMetainfo,
  showDecodeError,
  VERSION,
  type CreateError,
  type CreateEvent,
} from '../../index.js'
import type { CreateAction } from '../action.js'
import { createFailure } from '../createText.js'
import { exitCode } from '../exitCode.js'
import { formatBytes } from '../format/bytes.js'
import { formatCount } from '../format/count.js'
import { jsonLine, plainText } from '../format/plainText.js'
import { infoObject } from '../infoText.js'
import { data, done, end, say, type End, type Output } from '../output.js'
import { tellWork, type Work } from '../progress/work.js'
import { shellQuote } from '../shellQuote.js'
import { systemText } from '../storageText.js'
import { trackerName } from '../trackerText.js'
import type { World } from '../world.js'

/** `rxtorrent create`. */
export const create = (action: CreateAction, world: World): Observable<Output> =>
  defer(() => from(obstacleTo(action))).pipe(
    switchMap((obstacle) => (obstacle === undefined ? make(action, world) : of(obstacle))),
  )

/** What will keep the torrent from being made or written, as far as it is known before hours of hashing. */
const obstacleTo = async ({ path, output, force }: CreateAction): Promise<End | undefined> => {
  try {
    const stats = await stat(path)
    if (!stats.isFile() && !stats.isDirectory())
      return end(exitCode.disk, `${plainText(path)} is neither a file nor a folder`)
  } catch (error) {
    return end(exitCode.disk, systemText('read', path, error))
  }
  try {
    await access(dirname(output), constants.W_OK)
  } catch (error) {
    return end(exitCode.disk, systemText('write', output, error))
  }
  return !force && (await isThere(output))
    ? end(exitCode.disk, `${plainText(output)} is there already; --force overwrites it`)
    : undefined
}

const isThere = async (path: string): Promise<boolean> => {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}

const make = (action: CreateAction, world: World): Observable<Output> =>
  createTorrent({
    path: action.path,
    trackers: action.announce.map((url) => [url]),
    isPrivate: action.isPrivate,
    createdBy: `rxtorrent ${VERSION}`,
    ...(action.pieceLength === undefined ? {} : { pieceLength: action.pieceLength }),
  }).pipe(
    connect((event$) =>
      merge(
        event$.pipe(
          mergeMap((event) => (E.isRight(event) && event.right._tag === 'Hashing' ? [event.right] : [])),
          tellWork(action.json, world, workOf),
        ),
        event$.pipe(
          takeLast(1),
          switchMap((last) => finish(action, last, world)),
        ),
      ),
    ),
  )

type Hashing = Extract<CreateEvent, { _tag: 'Hashing' }>

const workOf = ({ hashedPieces, pieceCount, hashedBytes, totalSize }: Hashing): Work => ({
  what: `hashing ${formatBytes(totalSize)}`,
  share: hashedBytes / totalSize,
  event: {
    event: 'progress',
    phase: 'hashing',
    hashedPieces,
    pieceCount,
    hashedBytes,
    totalBytes: totalSize,
  },
})

const finish = (
  action: CreateAction,
  last: Either<CreateError, CreateEvent>,
  world: World,
): Observable<Output> => {
  if (E.isLeft(last)) return createFailure(action.path, last.left)
  if (last.right._tag !== 'Created') return EMPTY
  const { torrent } = last.right
  return defer(() => from(save(action.output, torrent))).pipe(
    mergeMap((failure) => (failure === undefined ? told(action, torrent, world) : [failure])),
  )
}

/** Writes all of the file or nothing: a reader never sees half of it. */
const save = async (output: string, bytes: Uint8Array): Promise<End | undefined> => {
  const draft = `${output}.${randomBytes(4).toString('hex')}.part`
  try {
    await writeFile(draft, bytes, { flag: 'wx' })
    await rename(draft, output)
    return undefined
  } catch (error) {
    await rm(draft, { force: true })
    return end(exitCode.disk, systemText('write', output, error))
  }
}

const told = (action: CreateAction, torrent: Uint8Array, { program }: World): ReadonlyArray<Output> => {
  const { path, output, json } = action
  const decoded = decodeMetainfo(torrent)
  if (E.isLeft(decoded))
    return [end(exitCode.unexpected, `made a torrent that is ${showDecodeError(decoded.left)}`)]
  const metainfo = decoded.right
  const what = `${plainText(output)}: ${formatBytes(metainfo.totalSize)} in ${formatCount(metainfo.pieceCount, 'piece')}`
  const next = `${program} seed ${shellQuote(output)} --data ${shellQuote(relative('', dirname(resolve(path))) || '.')}`
  return [
    ...remarksOn(action).map(say),
    ...(json ? [data(jsonLine({ event: 'created', path: output, ...infoObject(metainfo) }))] : []),
    done(json ? what : `${what}\nto share it: ${next}`),
  ]
}

/** What one would wonder at later. */
const remarksOn = ({ announce, isPrivate }: CreateAction): ReadonlyArray<string> => {
  if (announce.length === 0) {
    return [
      isPrivate
        ? 'private, and no tracker in it: who downloads it has to name a peer'
        : 'no tracker in it: it is found in the DHT and on the local network only',
    ]
  }
  return announce
    .filter((url) => !/^(?:https?|udp):/i.test(url))
    .map(
      (url) => `tracker ${trackerName(url)}: for other programs; rxtorrent announces over HTTP and UDP only`,
    )
}
