import { describe, expect, it } from 'vitest'
import type { SessionCommand } from '../../../src/operators/session/command.js'
import { sessionFixture } from '../../support/sessionFixture.js'
import { commandProblem } from '../../../src/operators/session/commandProblem.js'

describe('onCommand', () => {
  it.each<[unknown, string]>([
    [undefined, 'a command that is no object'],
    [{ _tag: 'Nonsense' }, 'a command that there is not'],
    [{ _tag: 'Ban', host: 7 }, 'a malformed Ban'],
    [{ _tag: 'MoveStorage', id: 1 }, 'a malformed MoveStorage'],
    [{ _tag: 'SetWindow', id: 1, first: 0.5, last: 1 }, 'no pieces 0.5 to 1'],
    [{ _tag: 'SetGroupLimits', group: 'far', down: 1, up: 1 }, 'there is no group far'],
  ])('refuses %o, whoever gives it, and does nothing', (given, why) => {
    const fixture = sessionFixture()
    const command = given as SessionCommand
    fixture.effects.length = 0
    fixture.command(command)
    expect(fixture.noticesOf('CommandRefused')).toEqual([
      { _tag: 'CommandRefused', at: fixture.now(), command, why },
    ])
    expect(fixture.effects).toEqual([])
  })
})

describe('commandProblem', () => {
  it.each<[SessionCommand]>([
    [{ _tag: 'Stop' }],
    [{ _tag: 'AddPeers', peers: [] }],
    [{ _tag: 'AddPeers', peers: [{ host: '10.0.0.1', port: 1 }] }],
    [{ _tag: 'Ban', host: '10.0.0.1' }],
    [{ _tag: 'SetLimits', scope: 'session', down: Infinity, up: 0 }],
    [{ _tag: 'SetMemory', bytes: 0 }],
    [{ _tag: 'ReportFailure', policy: 'stream', message: '' }],
  ])('finds nothing wrong with %o', (command) => {
    expect(commandProblem(command)).toBeUndefined()
  })

  it.each([
    [undefined, 'a command that is no object'],
    ['Stop', 'a command that is no object'],
    [null, 'a command that is no object'],
    [{}, 'a command that there is not'],
    [{ _tag: 'toString' }, 'a command that there is not'],
    [{ _tag: 'Explode' }, 'a command that there is not'],
    [{ _tag: 'AddPeers' }, 'a malformed AddPeers'],
    [{ _tag: 'AddPeers', peers: [undefined] }, 'a malformed AddPeers'],
    [{ _tag: 'AddPeers', peers: [{ host: 1, port: 1 }] }, 'a malformed AddPeers'],
    [{ _tag: 'Ban' }, 'a malformed Ban'],
    [{ _tag: 'SetLimits', scope: 'session', down: NaN, up: 1 }, 'NaN is not a number of bytes per second'],
    [{ _tag: 'SetLimits', scope: 'session', down: 1, up: -1 }, '-1 is not a number of bytes per second'],
    [{ _tag: 'SetLimits', scope: 'world', down: 1, up: 1 }, 'a malformed SetLimits'],
    [{ _tag: 'SetMemory', bytes: -1 }, 'a malformed SetMemory'],
    [{ _tag: 'SetMemory', bytes: 0.5 }, 'a malformed SetMemory'],
    [{ _tag: 'SetDesired', desired: 'asleep' }, 'a malformed SetDesired'],
    [{ _tag: 'SetPriorities', priorities: 'high' }, 'a malformed SetPriorities'],
  ])('says what is wrong with %o', (command, problem) => {
    expect(commandProblem(command)).toBe(problem)
  })
})
