import { describe, expect, it } from 'vitest'
import type { SessionCommand } from '../../../src/operators/session/command.js'
import { createSnapshots } from '../../../src/operators/session/snapshot.js'
import { encodeExtendedHandshake, EXTENDED_HANDSHAKE_ID } from '../../../src/codecs/wire/extended.js'
import type { WireMessage } from '../../../src/codecs/wire/message.js'
import { type SessionFixture, sessionFixture } from '../../support/sessionFixture.js'

const limits = (
  down: number,
  up: number,
  scope: 'session' | 'client' = 'session',
): SessionCommand & { readonly _tag: 'SetLimits' } => ({ _tag: 'SetLimits', scope, down, up })

const limitsOf = ({ model }: SessionFixture): { readonly down: number; readonly up: number } =>
  createSnapshots()(model).limits

describe('SetLimits', () => {
  it('takes the least of the policy, the session and the client', () => {
    const fixture = sessionFixture({ policies: { rate: () => ({ down: 300, up: 50 }) } })
    expect(limitsOf(fixture)).toMatchObject({ down: 300, up: 50 })
    fixture.command(limits(100, 100))
    expect(limitsOf(fixture)).toMatchObject({ down: 100, up: 50 })
    fixture.command(limits(200, 20, 'client'))
    expect(limitsOf(fixture)).toMatchObject({ down: 100, up: 20 })
    fixture.command(limits(Infinity, Infinity))
    expect(limitsOf(fixture)).toMatchObject({ down: 200, up: 20 })
    fixture.pass(1_000)
    expect(limitsOf(fixture)).toMatchObject({ down: 200, up: 20 })
  })

  it.each([
    [limits(NaN, 1), 'NaN'],
    [limits(1, -1), '-1'],
    [limits('fast' as unknown as number, 1), 'fast'],
  ])('refuses what is no limit (%#), and keeps the last one', (command, shown) => {
    const fixture = sessionFixture()
    fixture.command(limits(100, 100))
    fixture.command(command)
    expect(fixture.noticesOf('CommandRefused')).toEqual([
      {
        _tag: 'CommandRefused',
        at: fixture.now(),
        command: expect.objectContaining({ _tag: 'SetLimits' }) as unknown,
        why: `${shown} is not a number of bytes per second`,
      },
    ])
    expect(limitsOf(fixture)).toMatchObject({ down: 100, up: 100 })
  })

  it('holds from before the start, so that the first byte is under it', () => {
    const fixture = sessionFixture({ pieces: 64, blocks: 16 })
    fixture.command(limits(100_000, Infinity))
    const peer = fixture.peer({ has: 'all' })
    peer.says({ _tag: 'Unchoke' })
    expect(peer.owed).toEqual([])
    fixture.pass(250)
    expect(peer.owed).toHaveLength(2)
  })

  it('tells whether a peer had to wait for it', () => {
    const fixture = sessionFixture({ pieces: 64, blocks: 16 })
    const peer = fixture.peer({ has: 'all' })
    fixture.command(limits(100_000, 100_000))
    fixture.pass(1_000)
    expect(limitsOf(fixture)).toMatchObject({ isDownHeld: false, isUpHeld: false })
    peer.says({ _tag: 'Unchoke' })
    for (let i = 0; i < 8; i++) {
      peer.gives(peer.owed.length)
      fixture.pass(250)
    }
    expect(limitsOf(fixture)).toMatchObject({ isDownHeld: true, isUpHeld: false })
    peer.says({ _tag: 'Choke' })
    fixture.pass(1_250)
    expect(limitsOf(fixture)).toMatchObject({ isDownHeld: false, isUpHeld: false })
  })
})

/** The handshake of a client. */
const hello = (client: string): WireMessage => ({
  _tag: 'Extended',
  id: EXTENDED_HANDSHAKE_ID,
  payload: encodeExtendedHandshake({
    extensions: new Map(),
    client,
    port: undefined,
    yourIp: undefined,
    requestQueue: undefined,
    metadataSize: undefined,
    uploadOnly: undefined,
  }),
})

describe('SetGroupLimits', () => {
  const groups = [
    { name: 'near', includes: ({ host }: { readonly host: string }) => host.startsWith('10.') },
    { name: 'old', includes: ({ client }: { readonly client: string }) => client.includes('0.1') },
  ]

  it('is refused for a group that is not there, and for what is no limit', () => {
    const fixture = sessionFixture({ groups })
    fixture.command({ _tag: 'SetGroupLimits', group: 'far', down: 1, up: 1 })
    fixture.command({ _tag: 'SetGroupLimits', group: 'near', down: NaN, up: 1 })
    expect(fixture.noticesOf('CommandRefused').map(({ command, why }) => [command._tag, why])).toEqual([
      ['SetGroupLimits', 'there is no group far'],
      ['SetGroupLimits', 'NaN is not a number of bytes per second'],
    ])
  })

  it('puts a peer into its groups, anew when it says what it is', () => {
    const fixture = sessionFixture({ groups })
    const peer = fixture.peer({ extended: true })
    const namesOf = (): ReadonlyArray<string> => peer.model()!.groups.map(({ rule }) => rule.name)
    expect(namesOf()).toEqual(['near'])
    peer.says(hello('Ancient 0.1'))
    expect(namesOf()).toEqual(['near', 'old'])
  })

  it('asks the rules when a peer comes and when its client is another, whatever else it says', () => {
    let asked = 0
    const fixture = sessionFixture({ groups: [{ name: 'all', includes: () => ++asked > 0 }] })
    const peer = fixture.peer({ extended: true })
    expect(asked).toBe(1)
    for (let i = 0; i < 50; i++) {
      peer.says({ _tag: 'Extended', id: 9, payload: new Uint8Array(3) })
      peer.says(hello('Ancient 0.1'))
    }
    expect(asked).toBe(2)
  })

  it('takes along what a peer is charged for when it changes its groups', () => {
    const fixture = sessionFixture({ pieces: 64, blocks: 16, groups })
    const [near, old] = fixture.model.allowance.groups
    fixture.command({ _tag: 'SetGroupLimits', group: 'near', down: 1_000_000, up: Infinity })
    fixture.command({ _tag: 'SetGroupLimits', group: 'old', down: 1_000_000, up: Infinity })
    const peer = fixture.peer({ extended: true, has: 'all' })
    fixture.pass(1_000)
    const full = [near!.down.tokens, old!.down.tokens] as const
    const owed = (): number => peer.owed.reduce((sum, { length }) => sum + length, 0)
    peer.says({ _tag: 'Unchoke' })
    expect(owed()).toBeGreaterThan(0)
    expect([near!.down.tokens, old!.down.tokens]).toEqual([full[0] - owed(), full[1]])
    peer.says(hello('Ancient 0.1'))
    expect([near!.down.tokens, old!.down.tokens]).toEqual([full[0] - owed(), full[1] - owed()])
    peer.refuses(2)
    expect([near!.down.tokens, old!.down.tokens]).toEqual([full[0] - owed(), full[1] - owed()])
    peer.says(hello('Modern 9'))
    peer.refuses(2)
    expect([near!.down.tokens, old!.down.tokens]).toEqual([full[0] - owed(), full[1]])
  })

  it('tells of a rule that throws, and takes the peer for not included', () => {
    const fixture = sessionFixture({
      groups: [
        {
          name: 'broken',
          includes: () => {
            throw new Error('no database')
          },
        },
        groups[0]!,
      ],
    })
    const peer = fixture.peer()
    expect(peer.model()!.groups.map(({ rule }) => rule.name)).toEqual(['near'])
    expect(fixture.noticesOf('PolicyFailed')).toMatchObject([
      { policy: 'limits', message: 'group broken: no database' },
    ])
  })
})

describe('ReportFailure', () => {
  it('is told of', () => {
    const fixture = sessionFixture()
    fixture.command({ _tag: 'ReportFailure', policy: 'limits', message: 'no sensor' })
    expect(fixture.noticesOf('PolicyFailed')).toMatchObject([{ policy: 'limits', message: 'no sensor' }])
  })
})
