import { firstValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { WireMessage } from '../../../src/codecs/wire/message.js'
import {
  DEFAULT_CONNECTION_LIMITS as LIMITS,
  incomingReserve,
} from '../../../src/operators/session/connectionLimits.js'
import { attack, type Attacker, handshakeOf } from '../../support/attacker.js'
import { makeTorrent } from '../../support/makeTorrent.js'
import { memoryDisk, type RunningSession, runSession } from '../../support/realSession.js'
import { until } from '../../support/until.js'

const BLOCK = 16_384
/** 16 pieces of 16 blocks: a bitfield of 2 bytes. */
const torrent = makeTorrent({ pieceLength: 16 * BLOCK, files: 16 * 16 * BLOCK })

const victim = async (): Promise<RunningSession & { readonly at: number }> => {
  const running = runSession(torrent, memoryDisk(torrent, torrent.content))
  return { ...running, at: await running.port() }
}

let nextId = 2
const peerOf = (at: number, fast = true): Attacker => {
  const attacker = attack(at)
  attacker.says(handshakeOf(torrent, nextId++, fast))
  return attacker
}

/** What the session is there for still works: a good peer gets everything, and no socket is left behind. */
const stillServes = async (running: RunningSession, at: number): Promise<void> => {
  const disk = memoryDisk(torrent)
  const good = runSession(torrent, disk, { peers: [{ host: '127.0.0.1', port: at }] })
  await firstValueFrom(good.session.complete$)
  expect(Buffer.compare(disk.read() ?? new Uint8Array(0), torrent.content)).toBe(0)
  good.subscription.unsubscribe()
  await until(() => running.state().peers.length === 0)
}

const reasonsOf = ({ notices }: RunningSession): ReadonlyArray<string> =>
  notices.flatMap((notice) =>
    notice._tag === 'PeerClosed'
      ? [notice.reason._tag === 'BadWire' ? notice.reason.error._tag : notice.reason._tag]
      : [],
  )

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

describe('a session under attack', () => {
  it.each([
    ['2 GiB', '7fffffff'],
    ['4 GiB', 'ffffffff'],
    ['just above 1 MiB', '00100001 14'],
    ['a have of 1 MiB', '00100000 04'],
    ['a piece larger than any', '00020100 07'],
  ])('R24 refuses a length of %s before any of it is kept', async (_, prefix) => {
    const running = await victim()
    const attacker = peerOf(running.at)
    attacker.says(bytes(prefix))
    await attacker.closed
    await until(() => reasonsOf(running).length === 1)
    expect(['MessageTooLong', 'WrongLength']).toContain(reasonsOf(running)[0])
    await stillServes(running, running.at)
  })

  const bitfield = (hex: string): Uint8Array => {
    const bits = bytes(hex)
    return Uint8Array.from([0, 0, 0, 1 + bits.length, 5, ...bits])
  }
  it.each<[string, Uint8Array, boolean]>([
    ['empty', bitfield(''), false],
    ['a byte short', bitfield('80'), false],
    ['a byte long', bitfield('800000'), false],
    ['long by a piece', bitfield('80000080'), false],
    ['of 200 MB', bytes('0bebc200 05'), false],
    ['of 1 MiB', bytes('00100000 05'), false],
    ['between two HaveNone', Uint8Array.of(0, 0, 0, 1, 15, ...bitfield('8000'), 0, 0, 0, 1, 15), false],
    ['of everything, to a seed', bitfield('ffff'), false],
    ['HaveAll to a seed', bytes('00000001 0e'), false],
    ['HaveNone after a bitfield', Uint8Array.of(...bitfield('8000'), 0, 0, 0, 1, 15), false],
    ['of nothing', bitfield('0000'), true],
    ['of something', bitfield('8001'), true],
  ])('R25 takes no bitfield but a right one: %s', async (_, message, stays) => {
    const running = await victim()
    const attacker = peerOf(running.at)
    attacker.says(message)
    attacker.tells({ _tag: 'Interested' })
    if (stays) {
      await until(() => running.state().peers.some(({ peerInterested }) => peerInterested))
      expect(attacker.isClosed()).toBe(false)
    } else {
      await attacker.closed
      expect(attacker.isClosed()).toBe(true)
    }
  })

  it('R26 outlives a million haves, and closes on one that is out of range', async () => {
    const running = await victim()
    const attacker = peerOf(running.at)
    const haves = Buffer.concat(
      Array.from({ length: 100_000 }, (_, i) => Uint8Array.of(0, 0, 0, 5, 4, 0, 0, 0, i % 15)),
    )
    for (let i = 0; i < 10; i++) attacker.says(haves)
    await until(() => running.state().totals.wireDown >= 9_000_000)
    expect(attacker.isClosed()).toBe(false)
    attacker.tells({ _tag: 'Have', piece: 16 })
    await attacker.closed
    expect(reasonsOf(running)).toEqual(['ProtocolViolation'])
    await stillServes(running, running.at)
  })

  it('R27 ends a flood of 200 000 requests', async () => {
    const running = await victim()
    const attacker = peerOf(running.at)
    const request: WireMessage = { _tag: 'Request', piece: 0, begin: 0, length: BLOCK }
    const many = Array.from({ length: 10_000 }, () => request)
    attacker.tells({ _tag: 'Interested' })
    for (let i = 0; i < 20; i++) attacker.tells(...many)
    await attacker.closed
    expect(reasonsOf(running)).toEqual(['ProtocolViolation'])
    await stillServes(running, running.at)
  })

  it('R28 holds little for a peer that asks and never reads', async () => {
    const running = await victim()
    const attacker = peerOf(running.at)
    attacker.tells({ _tag: 'Interested' })
    await until(() => running.state().peers.some(({ amChoking }) => !amChoking))
    attacker.socket.pause()
    const asked = 2_400
    for (let i = 0; i < asked; i++) {
      attacker.tells({ _tag: 'Request', piece: i % 16, begin: (i % 7) * BLOCK, length: BLOCK })
    }
    let uploaded = -1
    await until(() => {
      // Nothing moves any more: the system's buffers are full.
      const now = running.state().totals.uploaded
      const isStill = now > 0 && now === uploaded && running.state().totals.wireDown > asked * 17
      uploaded = now
      return isStill
    })
    expect(attacker.isClosed()).toBe(false)
    // What the system's own buffers take, and little more.
    expect(uploaded).toBeLessThan((asked * BLOCK) / 2)
    attacker.socket.destroy()
    await stillServes(running, running.at)
  })

  it('R30 serves a good peer while 2 000 connections come and say nothing', async () => {
    const running = await victim()
    const flood = async (): Promise<void> => {
      for (let wave = 0; wave < 40; wave++) {
        const attackers = Array.from({ length: 50 }, () => attack(running.at))
        // Not for those whose packets the system drops: they would come again a second later.
        const late = new Promise((resolve) => setTimeout(resolve, 25))
        await Promise.race([late, Promise.all(attackers.map(({ connected }) => connected))])
        // Most are refused at once; those that were let in hold out to the end of their wave.
        for (const { socket } of attackers) socket.destroy()
        await Promise.all(attackers.map(({ closed }) => closed))
      }
    }
    const flooding = flood()
    await stillServes(running, running.at)
    await flooding
    await stillServes(running, running.at)
  })

  it('R30 holds few connections that shake hands and say nothing', async () => {
    const running = await victim()
    const attackers = Array.from({ length: 150 }, () => peerOf(running.at))
    const most = LIMITS.connections + incomingReserve(LIMITS.connections)
    await until(() => attackers.filter((attacker) => attacker.isClosed()).length >= attackers.length - most)
    await until(() => running.state().peers.length <= most)
    for (const { socket } of attackers) socket.destroy()
    await until(() => running.state().peers.length === 0)
    await stillServes(running, running.at)
  })

  it('R32 writes nothing of 10 000 blocks that it did not ask for', async () => {
    const disk = memoryDisk(torrent)
    const running = runSession(torrent, disk)
    const attacker = peerOf(await running.port())
    attacker.tells({ _tag: 'HaveNone' })
    const block: WireMessage = { _tag: 'Piece', piece: 3, begin: 0, payload: new Uint8Array(BLOCK) }
    for (let i = 0; i < 10_000 && !attacker.isClosed(); i++) {
      attacker.tells(block)
      if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await attacker.closed
    expect(reasonsOf(running)).toEqual(['ProtocolViolation'])
    await until(() => running.state().totals.wasted > 0)
    expect(running.state().totals.wasted).toBe(65 * BLOCK)
    expect(running.state().peers).toEqual([])
    expect(running.state().progress.havePieces).toBe(0)
  })

  it('R37 does not keep a connection to itself', async () => {
    const running = await victim()
    running.session.send({ _tag: 'AddPeers', peers: [{ host: '127.0.0.1', port: running.at }] })
    await until(() => reasonsOf(running).length === 2)
    expect(reasonsOf(running)).toContain('SelfConnection')
    // The state follows on the tick.
    await until(() => running.state().peers.length === 0 && running.state().candidates.length === 0)
    await stillServes(running, running.at)
  })

  it('closes on a handshake that is wrong at any byte that matters', async () => {
    const running = await victim()
    const attackers = Array.from({ length: 68 }, (_, at) => {
      const attacker = attack(running.at)
      const wrong = handshakeOf(torrent, 500 + at)
      wrong[at]! ^= 0xff
      attacker.says(wrong)
      return attacker
    })
    const matters = (at: number): boolean => at < 20 || (at >= 28 && at < 48)
    await Promise.all(attackers.filter((_, at) => matters(at)).map(({ closed }) => closed))
    await until(() => running.state().peers.length === 28)
    expect(attackers.every((attacker, at) => attacker.isClosed() === matters(at))).toBe(true)
    for (const { socket } of attackers) socket.destroy()
    await stillServes(running, running.at)
  })

  it('takes a handshake a byte at a time, and messages too', async () => {
    const running = await victim()
    const attacker = attack(running.at)
    const all = Buffer.concat([handshakeOf(torrent, 900), bytes('00000001 0f 00000001 02')])
    for (const byte of all) {
      attacker.says(Uint8Array.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await until(() => running.state().peers.some(({ peerInterested }) => peerInterested))
    attacker.says(bytes('00000001 0f'))
    await attacker.closed
  })
})
