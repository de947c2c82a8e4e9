import { concat, ignoreElements, map, Observable, of, Subject, Subscription, tap } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { encodeHandshake, encodeReserved, HANDSHAKE_LENGTH } from '../../codecs/handshake.js'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import { isFileLacking, webSeedErrorCode } from '../../codecs/webSeedError.js'
import { encodeExtendedHandshake, EXTENDED_HANDSHAKE_ID } from '../../codecs/wire/extended.js'
import { createFrameDecoder } from '../../codecs/wire/frameDecoder.js'
import type { WireMessage } from '../../codecs/wire/message.js'
import { PIECE_HEADER_LENGTH } from '../../codecs/wire/messageId.js'
import { putPieceHeader, writeMessages } from '../../codecs/wire/write.js'
import type { Clock, PeerSocket, SocketError, WebSeedConnection, WebSeedError } from '../deps.js'
import { type BlockRequest, takeRun } from './blockRuns.js'
import { heldPieces } from './heldPieces.js'
import { partsOf, type WebSeedPart, type WebSeedTarget } from './webSeedUrls.js'

/** Reads under way at once: while one is on its way, another one comes. */
const READS_AT_ONCE = 4
/** One read at most: long enough to be worth a round trip, short enough to spread over several. */
const LONGEST_RUN = 4 * 1024 * 1024
/** Requests that may wait: 16 MiB, all that is ever in flight. */
const REQUEST_QUEUE = 1_024

export interface WebSeedSocketOptions {
  readonly metainfo: Metainfo
  readonly infohash: Uint8Array
  readonly target: WebSeedTarget
  readonly remote: PeerAddress
  readonly connection: WebSeedConnection
  readonly clock: Clock
  /** Files that the server has not, as it turns out: kept from connection to connection. */
  readonly lacking: Set<number>
}

/**
 * A web seed as a peer: it shakes hands, has everything that it is not known to lack, chokes nobody, and answers
 * requests with what it reads over HTTP. So pieces are picked, rates kept, liars banned and failures waited out as with
 * any peer.
 *
 * Requests that follow each other become one read. A read that fails ends the connection; where it was for a file that is
 * not there, the next connection does not offer its pieces.
 */
export const webSeedSocket = (options: WebSeedSocketOptions): PeerSocket => {
  const { metainfo, clock, connection } = options
  const decoder = createFrameDecoder()
  const said$ = new Subject<Either<SocketError, Uint8Array>>()
  const scope = new Subscription()
  const waiting: BlockRequest[] = []
  /** What was said while nobody listened. */
  let unsaid: Either<SocketError, Uint8Array>[] = []
  let isHeard = false
  let isUnchoked = false
  let handshakeLeft = HANDSHAKE_LENGTH
  let reads = 0

  const flush = (): void => {
    while (isHeard && unsaid.length > 0 && !said$.closed) said$.next(unsaid.shift()!)
  }
  const say = (bytes: Uint8Array): void => {
    unsaid.push(E.right(bytes))
    flush()
  }
  /** Later: an answer within the turn that asks would come before its time. */
  const reply = (...messages: ReadonlyArray<WireMessage>): void => {
    if (!scope.closed)
      scope.add(
        clock.schedule(() => {
          say(writeMessages(messages))
        }),
      )
  }
  const close = (): void => {
    if (scope.closed) return
    scope.unsubscribe()
    connection.close()
    said$.complete()
  }
  const fail = (error: WebSeedError): void => {
    unsaid.push(E.left({ _tag: 'SocketError', code: webSeedErrorCode(error) }))
    flush()
    close()
  }

  const bytesOf = (part: WebSeedPart): Observable<Either<WebSeedError, Uint8Array>> =>
    part._tag === 'Zeros'
      ? of(E.right(new Uint8Array(part.length)))
      : connection.read(part.read).pipe(
          tap((read) => {
            if (part.file !== undefined && E.isLeft(read) && isFileLacking(read.left))
              options.lacking.add(part.file)
          }),
        )

  const readRun = (run: ReadonlyArray<BlockRequest>): void => {
    reads++
    const blocks = cutBlocks(run)
    const [first] = run
    const offset = first!.piece * metainfo.pieceLength + first!.begin
    const length = run.reduce((sum, block) => sum + block.length, 0)
    const parts = partsOf(metainfo, options.target, offset, length)
    scope.add(
      concat(...parts.map(bytesOf))
        .pipe(map(E.map(blocks)))
        .subscribe({
          next: (read) => {
            if (E.isLeft(read)) fail(read.left)
            else for (const message of read.right) say(message)
          },
          error: () => {
            fail({ _tag: 'WebSeedUnreachable', code: 'EUNEXPECTED' })
          },
          complete: () => {
            reads--
            readMore()
          },
        }),
    )
  }
  const readMore = (): void => {
    while (!scope.closed && reads < READS_AT_ONCE && waiting.length > 0) {
      // BEP 17 asks for one piece at a time.
      const most = options.target._tag === 'Pieces' ? pieceRest(metainfo, waiting[0]!) : LONGEST_RUN
      readRun(takeRun(waiting, metainfo.pieceLength, most))
    }
  }

  const hear = (message: WireMessage): void => {
    switch (message._tag) {
      case 'Request':
        if (waiting.length < REQUEST_QUEUE) waiting.push(message)
        else reply({ ...message, _tag: 'RejectRequest' })
        return
      case 'Cancel': {
        const at = waiting.findIndex(({ piece, begin }) => piece === message.piece && begin === message.begin)
        // What is being read comes: that is an answer too.
        if (at < 0) return
        waiting.splice(at, 1)
        reply({ ...message, _tag: 'RejectRequest' })
        return
      }
      case 'Interested':
        if (!isUnchoked) reply({ _tag: 'Unchoke' })
        isUnchoked = true
        return
      case 'KeepAlive':
        reply({ _tag: 'KeepAlive' })
        return
      default:
        return
    }
  }

  unsaid.push(E.right(greeting(options)))
  return {
    remote: options.remote,
    chunk$: new Observable((subscriber) => {
      subscriber.add(said$.subscribe(subscriber))
      isHeard = true
      flush()
      return () => {
        isHeard = false
      }
    }),
    drain$: said$.pipe(ignoreElements()),
    write: (buffers) => {
      for (const buffer of buffers) {
        const skipped = Math.min(handshakeLeft, buffer.length)
        handshakeLeft -= skipped
        for (const message of decoder.write(buffer.subarray(skipped)).messages) hear(message)
      }
      readMore()
      return true
    },
    pause: () => {
      isHeard = false
    },
    resume: () => {
      isHeard = true
      flush()
    },
    end: close,
    destroy: () => {
      unsaid = []
      close()
    },
  }
}

const pieceRest = ({ pieceLength }: Metainfo, { begin }: BlockRequest): number => pieceLength - begin

/** Handshakes, the pieces that are there, and who this is. */
const greeting = ({ metainfo, infohash, remote, lacking }: WebSeedSocketOptions): Uint8Array => {
  const peerId = new Uint8Array(20)
  new TextEncoder().encodeInto(`-WS0000-${remote.host.slice(-12)}`, peerId)
  const hands = encodeHandshake({
    infohash,
    peerId,
    reserved: encodeReserved({ fast: true, extended: true, dht: false, v2: false }),
  })
  const bits = heldPieces(metainfo, lacking)
  const messages = writeMessages([
    bits === undefined ? { _tag: 'HaveAll' } : { _tag: 'Bitfield', bits },
    {
      _tag: 'Extended',
      id: EXTENDED_HANDSHAKE_ID,
      payload: encodeExtendedHandshake({ client: 'web seed', requestQueue: REQUEST_QUEUE }),
    },
  ])
  const bytes = new Uint8Array(hands.length + messages.length)
  bytes.set(hands)
  bytes.set(messages, hands.length)
  return bytes
}

/** Cuts what is read into the blocks of `run`, in order: each chunk gives the `piece` messages that it completes. */
const cutBlocks = (run: ReadonlyArray<BlockRequest>): ((chunk: Uint8Array) => ReadonlyArray<Uint8Array>) => {
  let next = 0
  let message: Uint8Array | undefined
  let filled = 0
  return (chunk) => {
    const done: Uint8Array[] = []
    for (let at = 0; at < chunk.length && next < run.length;) {
      const { piece, begin, length } = run[next]!
      if (message === undefined) {
        message = new Uint8Array(PIECE_HEADER_LENGTH + length)
        putPieceHeader(message, 0, piece, begin, length)
        filled = PIECE_HEADER_LENGTH
      }
      const taken = Math.min(message.length - filled, chunk.length - at)
      message.set(chunk.subarray(at, at + taken), filled)
      filled += taken
      at += taken
      if (filled < message.length) break
      done.push(message)
      message = undefined
      next++
    }
    return done
  }
}
