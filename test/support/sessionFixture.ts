import * as O from '#fp/Option'
import type { Metainfo } from '../../src/codecs/metainfoModel.js'
import { encodeReserved } from '../../src/codecs/handshake.js'
import type { WireMessage } from '../../src/codecs/wire/message.js'
import type { PeerKey } from '../../src/operators/peer/peerKey.js'
import { blockSize, pieceSize } from '../../src/operators/piece/geometry.js'
import type { SessionCommand } from '../../src/operators/session/command.js'
import type { LongFile } from '../../src/operators/session/longFile.js'
import type { SessionEffect } from '../../src/operators/session/effect.js'
import type { PeerCloseReason, SessionEvent } from '../../src/operators/session/event.js'
import { createModel, type SessionConfig, type SessionModel } from '../../src/operators/session/model.js'
import type { Notice } from '../../src/operators/session/notice.js'
import { defaultPolicies, type SessionPolicies } from '../../src/operators/session/policies.js'
import type { PeerModel } from '../../src/operators/session/peerModel.js'
import type { StorageError } from '../../src/operators/session/storageError.js'
import { turn } from '../../src/operators/session/turn.js'

const BLOCK = 16_384
/** The shortest block there is: what the fixture's memory is counted in. */
const UNIT = 1_024
const [UNIT_GOOD, UNIT_BAD] = [1, 2]
const GOOD = new Uint8Array(BLOCK)
const BAD = new Uint8Array(BLOCK).fill(1)

type EffectOf<Tag extends SessionEffect['_tag']> = SessionEffect & { readonly _tag: Tag }
type MessageOf<Tag extends WireMessage['_tag']> = WireMessage & { readonly _tag: Tag }
type DiskEffect = EffectOf<'VerifyPiece' | 'WritePiece' | 'WriteBlock' | 'Flush'>

export interface FixtureOptions {
  readonly pieces?: number
  /** Blocks of each piece. */
  readonly blocks?: number
  /** Bytes that the last piece is short of. */
  readonly short?: number
  /** Lengths of the files, in pieces or parts of them; one file of all of them where absent. */
  readonly files?: ReadonlyArray<number>
  readonly priorities?: ReadonlyArray<number>
  readonly awaitsPriorities?: boolean
  /** What the storage finds when it is opened. */
  readonly longFiles?: ReadonlyArray<LongFile>
  /** What the check finds: `x` is there. */
  readonly have?: string
  readonly policies?: Partial<SessionPolicies>
  readonly trackers?: ReadonlyArray<ReadonlyArray<string>>
  readonly peers?: SessionConfig['peers']
  readonly announces?: boolean
  readonly seed?: number
  readonly groups?: SessionConfig['groups']
  /** The raw `info` of the torrent; none where absent. */
  readonly info?: Uint8Array
  /** A torrent of the given pieces, in place of the one that is made up. */
  readonly metainfo?: Metainfo
  /** Of a hybrid torrent, by hex root. */
  readonly pieceLayers?: Metainfo['pieceLayers']
  readonly pex?: boolean
  readonly isPrivate?: boolean
  /** Whether the disk answers within the event that asks it; true unless given. */
  readonly hasQuickDisk?: boolean
}

export interface PeerOptions {
  readonly fast?: boolean
  readonly extended?: boolean
  readonly dht?: boolean
  readonly v2?: boolean
  readonly direction?: 'incoming' | 'outgoing'
  readonly host?: string
  readonly port?: number
  readonly id?: number
  readonly key?: PeerKey
  /** What it has, as `10110`; `all` for everything (the opening message that fits is sent); nothing is said where absent. */
  readonly has?: string
}

/** A remote end: what it says goes in, what it is told is kept. */
export interface FakePeer {
  readonly key: PeerKey
  readonly host: string
  readonly says: (...messages: ReadonlyArray<WireMessage>) => void
  readonly closes: (reason?: PeerCloseReason) => void
  /** All that it was told, in order, keep-alives too. */
  readonly told: WireMessage[]
  readonly toldOf: <Tag extends WireMessage['_tag']>(tag: Tag) => ReadonlyArray<MessageOf<Tag>>
  /** Requests told, and neither cancelled, answered by `gives` nor refused. */
  readonly owed: MessageOf<'Request'>[]
  /** Answers the oldest `count` requests owed; a bad block fails its piece. */
  readonly gives: (count?: number, isBad?: boolean | ((request: MessageOf<'Request'>) => boolean)) => void
  readonly refuses: (count?: number) => void
  /** Undefined once it is out. */
  readonly model: () => PeerModel | undefined
  /** Why the session closed it. */
  readonly closedFor: () => PeerCloseReason | undefined
}

/** A model, a way to feed it, and a look at all that it does. */
export interface SessionFixture {
  readonly model: SessionModel
  readonly config: SessionConfig
  readonly effects: SessionEffect[]
  readonly notices: Notice[]
  /** Called after each event, with what it led to. */
  readonly feed: (event: SessionEvent) => ReadonlyArray<SessionEffect>
  readonly onTurn: (check: (event: SessionEvent, effects: ReadonlyArray<SessionEffect>) => void) => void
  readonly peer: (options?: PeerOptions) => FakePeer
  /** Lets time pass, a tick at a time. */
  readonly pass: (ms: number) => void
  /** Lets time pass without a tick. */
  readonly wait: (ms: number) => void
  readonly command: (command: SessionCommand) => void
  readonly now: () => number
  readonly effectsOf: <Tag extends SessionEffect['_tag']>(tag: Tag) => ReadonlyArray<EffectOf<Tag>>
  readonly noticesOf: <Tag extends Notice['_tag']>(tag: Tag) => ReadonlyArray<Notice & { readonly _tag: Tag }>
  /** What was asked of a slow disk and not answered. */
  readonly pending: DiskEffect[]
  /** Answers the first of those, or with an error fails it. */
  readonly answerDisk: (error?: Partial<StorageError>, index?: number) => void
  readonly failsDisk: (error: Partial<StorageError> | undefined) => void
}

export const storageFault = (fault: Partial<StorageError>): StorageError => ({
  _tag: 'StorageError',
  kind: 'io',
  operation: 'write',
  file: 'data',
  code: 'EIO',
  ...fault,
})

const BARE_FILE = {
  isPad: false,
  isExecutable: false,
  isHidden: false,
  symlink: O.none,
  piecesRoot: O.none,
}

/** A torrent without content, of one file or several: the fold reads no payload. */
export const bareMetainfo = (
  streamLength: number,
  pieceLength: number,
  trackers: ReadonlyArray<ReadonlyArray<string>> = [],
  lengths: ReadonlyArray<number> = [streamLength],
): Metainfo => {
  const pieceCount = Math.ceil(streamLength / pieceLength)
  let offset = 0
  const files = lengths.map((length, index) => {
    const file = {
      ...BARE_FILE,
      path: lengths.length === 1 ? ['data'] : ['data', String(index)],
      length,
      offset,
    }
    offset += length
    return file
  })
  return {
    name: 'data',
    version: 'v1',
    infohash: { v1: O.some(new Uint8Array(20).fill(7)), v2: O.none },
    pieceLength,
    pieceCount,
    totalSize: streamLength,
    streamLength,
    files,
    pieces: new Uint8Array(20 * pieceCount),
    pieceLayers: new Map(),
    isPrivate: false,
    trackers,
    webSeeds: [],
    httpSeeds: [],
    nodes: [],
    comment: O.none,
    createdBy: O.none,
    creationDate: O.none,
    info: new Uint8Array(0),
    isCanonical: true,
  }
}

/**
 * A session's fold without a world: storage open, checked, listening. The disk answers by itself unless told otherwise;
 * a piece with a bad block in it fails.
 */
export const sessionFixture = (options: FixtureOptions = {}): SessionFixture => {
  const { pieces = 8, blocks = 2, short = 0, have = '', hasQuickDisk = true } = options
  const pieceLength = blocks * BLOCK
  const metainfo = options.metainfo ?? {
    ...bareMetainfo(
      pieces * pieceLength - short,
      pieceLength,
      options.trackers,
      options.files?.map((length) => Math.round(length * pieceLength)),
    ),
    ...(options.info === undefined ? {} : { info: options.info }),
    pieceLayers: options.pieceLayers ?? new Map(),
    isPrivate: options.isPrivate ?? false,
  }
  const config: SessionConfig = {
    metainfo,
    peerId: new Uint8Array(20).fill(128),
    seed: options.seed ?? 1,
    announceKey: 1,
    policies: { ...defaultPolicies, ...options.policies },
    peers: options.peers ?? [],
    groups: options.groups ?? [],
    announces: options.announces ?? true,
    ...(options.priorities === undefined ? {} : { priorities: options.priorities }),
    awaitsPriorities: options.awaitsPriorities ?? false,
    ...(options.pex === undefined ? {} : { pex: options.pex }),
  }
  let now = 1_000
  const model = createModel(config, now)
  const effects: SessionEffect[] = []
  const notices: Notice[] = []
  const pending: DiskEffect[] = []
  const peers = new Map<PeerKey, FakePeer & { close: (reason: PeerCloseReason) => void }>()
  const checks: ((event: SessionEvent, effects: ReadonlyArray<SessionEffect>) => void)[] = []
  /** What lies in the slots, and in the storage of what is written through, by piece. */
  const slots = new Map<number, Uint8Array>()
  const through = new Map<number, Uint8Array>()
  let diskError: Partial<StorageError> | undefined
  let nextId = 1
  let nextIncoming = 1

  const run = (effect: SessionEffect): void => {
    switch (effect._tag) {
      case 'StoreBlock':
        paint(slots, effect.slot, effect.begin, effect.payload)
        return
      case 'WriteBlock':
        paint(through, effect.piece, effect.begin, effect.payload)
        pending.push(effect)
        return
      case 'VerifyPiece':
      case 'WritePiece':
      case 'Flush':
        pending.push(effect)
        return
      case 'Send':
        peers.get(effect.peer)?.told.push(...effect.messages)
        for (const message of effect.messages) track(effect.peer, message)
        return
      case 'Close':
        peers.get(effect.peer)?.close(effect.reason)
        return
      default:
    }
  }

  const track = (key: PeerKey, message: WireMessage): void => {
    const owed = peers.get(key)?.owed
    if (message._tag === 'Request') owed?.push(message)
    if (message._tag !== 'Cancel' || owed === undefined) return
    const at = owed.findIndex(({ piece, begin }) => piece === message.piece && begin === message.begin)
    if (at >= 0) owed.splice(at, 1)
  }

  const isRight = ({ piece, slot }: EffectOf<'VerifyPiece'>): boolean => {
    const held = slot < 0 ? through.get(piece) : slots.get(slot)
    const units = Math.ceil(pieceSize(model.geometry, piece) / UNIT)
    return held?.subarray(0, units).every((unit) => unit === UNIT_GOOD) === true
  }

  const paint = (all: Map<number, Uint8Array>, at: number, begin: number, payload: Uint8Array): void => {
    const held = all.get(at) ?? new Uint8Array(Math.ceil((blocks * BLOCK) / UNIT))
    const [from, to] = [begin / UNIT, Math.ceil((begin + payload.length) / UNIT)]
    all.set(at, held.fill(payload[0] === 1 ? UNIT_BAD : UNIT_GOOD, from, to))
  }

  const answerTo = (effect: DiskEffect): SessionEvent => {
    const at = now
    switch (effect._tag) {
      case 'VerifyPiece': {
        const ok = isRight(effect)
        if (effect.slot >= 0 && !ok) slots.delete(effect.slot)
        return { _tag: 'PieceVerified', at, piece: effect.piece, ok }
      }
      case 'WritePiece':
        slots.delete(effect.slot)
        return { _tag: 'PieceWritten', at, piece: effect.piece }
      case 'WriteBlock':
        return { _tag: 'BlockWritten', at, piece: effect.piece, block: effect.block }
      case 'Flush':
        return { _tag: 'Flushed', at }
    }
  }

  const failureOf = (effect: DiskEffect, fault: Partial<StorageError>): SessionEvent => {
    const operation = effect._tag === 'Flush' ? 'flush' : effect._tag === 'VerifyPiece' ? 'hash' : 'write'
    return {
      _tag: 'StorageFailed',
      at: now,
      piece: effect._tag === 'Flush' ? -1 : effect.piece,
      bytes: effect._tag === 'WriteBlock' ? effect.payload.length : 0,
      error: storageFault({ operation, ...fault }),
    }
  }

  const answerDisk = (fault?: Partial<StorageError>, index = 0): void => {
    const [effect] = pending.splice(index, 1)
    if (effect === undefined) throw new Error('the disk was asked for nothing')
    // A digest of memory cannot fail as the disk does.
    const fails = fault !== undefined && !(effect._tag === 'VerifyPiece' && effect.slot >= 0)
    feedOne(fails ? failureOf(effect, fault) : answerTo(effect))
  }

  const feedOne = (event: SessionEvent): ReadonlyArray<SessionEffect> => {
    const done = turn(model, event)
    effects.push(...done.effects)
    notices.push(...done.notices)
    for (const effect of done.effects) run(effect)
    for (const check of checks) check(event, done.effects)
    return done.effects
  }

  const feed = (event: SessionEvent): ReadonlyArray<SessionEffect> => {
    const done = feedOne(event)
    while (hasQuickDisk && pending.length > 0) answerDisk(diskError)
    return done
  }

  const peer = ({
    fast = true,
    extended = false,
    dht = false,
    v2 = false,
    direction = 'incoming',
    has,
    ...more
  }: PeerOptions = {}): FakePeer => {
    const id = more.id ?? nextId++
    const key =
      more.key ?? (direction === 'outgoing' ? model.nextDialKey + 1_000 + 2 * id : 2 * nextIncoming++ - 1)
    const host = more.host ?? `10.0.${String(id >> 8)}.${String(id & 255)}`
    const told: WireMessage[] = []
    const owed: MessageOf<'Request'>[] = []
    let closedFor: PeerCloseReason | undefined
    let isOpen = true
    const says = (...messages: ReadonlyArray<WireMessage>): void => {
      if (isOpen) feed({ _tag: 'PeerBatch', at: now, peer: key, messages, wireBytes: 5 * messages.length })
    }
    const fake: FakePeer & { close: (reason: PeerCloseReason) => void } = {
      key,
      host,
      says,
      told,
      owed,
      toldOf: (tag) => told.filter((message): message is MessageOf<typeof tag> => message._tag === tag),
      close: (reason) => {
        isOpen = false
        closedFor = reason
      },
      closes: (reason = { _tag: 'EndedByPeer' }) => {
        if (!isOpen) return
        isOpen = false
        feed({ _tag: 'PeerClosed', at: now, peer: key, reason })
      },
      gives: (count = 1, isBad = false) => {
        const blocks = owed.splice(0, count).map((request): WireMessage => {
          const bad = typeof isBad === 'boolean' ? isBad : isBad(request)
          return { ...request, _tag: 'Piece', payload: (bad ? BAD : GOOD).subarray(0, request.length) }
        })
        if (blocks.length > 0) says(...blocks)
      },
      refuses: (count = 1) => {
        const refusals = owed
          .splice(0, count)
          .map((request): WireMessage => ({ ...request, _tag: 'RejectRequest' }))
        if (refusals.length > 0) says(...refusals)
      },
      model: () => model.peers.get(key),
      closedFor: () => closedFor,
    }
    peers.set(key, fake)
    const peerId = new Uint8Array(20)
    peerId.set([id >> 8, id & 255])
    feed({
      _tag: 'PeerConnected',
      at: now,
      peer: key,
      address: { host, port: more.port ?? 6_881 },
      direction,
      peerId: id === SELF ? config.peerId : peerId,
      reserved: encodeReserved({ fast, extended, dht, v2 }),
    })
    if (has !== undefined) says(opening(has === 'all' ? '1'.repeat(pieces) : has, fast))
    return fake
  }

  const wait = (ms: number): void => {
    now += ms
  }

  const pass = (ms: number): void => {
    for (let left = ms; left > 0; left -= 250) {
      now += Math.min(250, left)
      feed({ _tag: 'Tick', at: now })
    }
  }

  feed({ _tag: 'Started', at: now })
  feed({ _tag: 'StorageOpened', at: now, ...(options.longFiles && { longFiles: options.longFiles }) })
  const ok = Uint8Array.from({ length: pieces }, (_, piece) => (have[piece] === 'x' ? 1 : 0))
  feed({ _tag: 'PiecesChecked', at: now, first: 0, ok })
  feed({ _tag: 'Listening', at: now, port: 6_881 })

  return {
    model,
    config,
    effects,
    notices,
    pending,
    feed,
    peer,
    pass,
    wait,
    answerDisk,
    onTurn: (check) => checks.push(check),
    failsDisk: (error) => {
      diskError = error
    },
    command: (command) => {
      feed({ _tag: 'Command', at: now, command })
    },
    now: () => now,
    effectsOf: (tag) => effects.filter((effect): effect is EffectOf<typeof tag> => effect._tag === tag),
    noticesOf: (tag) =>
      notices.filter((notice): notice is Notice & { readonly _tag: typeof tag } => notice._tag === tag),
  }
}

/** The `id` of a peer that is ourselves. */
export const SELF = 0xffff

const opening = (has: string, fast: boolean): WireMessage => {
  if (fast && !has.includes('0')) return { _tag: 'HaveAll' }
  if (fast && !has.includes('1')) return { _tag: 'HaveNone' }
  const bits = new Uint8Array(Math.ceil(has.length / 8))
  Array.from(has).forEach((bit, piece) => {
    if (bit === '1') bits[piece >> 3]! |= 0x80 >> (piece & 7)
  })
  return { _tag: 'Bitfield', bits }
}

/** A block as a message. */
export const pieceMessage = (
  fixture: SessionFixture,
  piece: number,
  block = 0,
  isBad = false,
): MessageOf<'Piece'> => ({
  _tag: 'Piece',
  piece,
  begin: block * BLOCK,
  payload: (isBad ? BAD : GOOD).subarray(
    0,
    piece < fixture.model.geometry.pieceCount && block * BLOCK < pieceSize(fixture.model.geometry, piece)
      ? blockSize(fixture.model.geometry, piece, block)
      : BLOCK,
  ),
})
