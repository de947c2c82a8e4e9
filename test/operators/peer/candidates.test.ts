import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import {
  addCandidate,
  candidateStates,
  createCandidates,
  dialable,
  markClosed,
  markConnected,
  markDialling,
  wakeCandidates,
  type Candidates,
} from '../../../src/operators/peer/candidates.js'

const peer = (n: number): { readonly host: string; readonly port: number } => ({
  host: `10.0.${String(n >> 8)}.${String(n & 255)}`,
  port: 6881,
})

const ports = (c: Candidates, now: number): ReadonlyArray<string> =>
  dialable(c, now).map((candidate) => `${candidate.host}:${String(candidate.port)}`)

/** Fails `times` dials, each as soon as it is due; answers when the next one is. */
const fail = (c: Candidates, address: ReturnType<typeof peer>, times: number, from = 0): number => {
  let now = from
  for (let i = 0; i < times; i++) {
    while (!dialable(c, now).some(({ host }) => host === address.host)) now += 1_000
    markDialling(c, address, now)
    markClosed(c, address, now, 'failed')
  }
  return now
}

describe('candidates', () => {
  it('are due at once, once each', () => {
    const c = createCandidates()
    expect(addCandidate(c, peer(1), 'tracker', 100)).toBe(true)
    expect(addCandidate(c, { ...peer(1) }, 'tracker', 200)).toBe(false)
    expect(addCandidate(c, { ...peer(1), port: 1 }, 'tracker', 200)).toBe(true)
    expect(candidateStates(c).length).toBe(2)
    expect(ports(c, 99)).toEqual([])
    expect(ports(c, 100)).toEqual(['10.0.0.1:6881'])
    expect(ports(c, 200)).toEqual(['10.0.0.1:6881', '10.0.0.1:1'])
    expect(dialable(c, 200)[0]).toMatchObject({ source: 'tracker', failures: 0, lastTriedAt: -Infinity })
  })

  it.each([0, -1, 65_536, 1.5, NaN])('refuse port %d', (port) => {
    const c = createCandidates()
    expect(addCandidate(c, { host: '10.0.0.1', port }, 'manual', 0)).toBe(false)
    expect(addCandidate(c, { host: '', port: 1 }, 'manual', 0)).toBe(false)
    expect(candidateStates(c).length).toBe(0)
  })

  it('are not offered while being dialled or connected', () => {
    const c = createCandidates()
    addCandidate(c, peer(1), 'tracker', 0)
    markDialling(c, peer(1), 10)
    expect(ports(c, 1e9)).toEqual([])
    markConnected(c, peer(1), 20)
    expect(ports(c, 1e9)).toEqual([])
    addCandidate(c, peer(1), 'manual', 30)
    expect([ports(c, 1e9), candidateStates(c).length]).toEqual([[], 1])
  })

  it('wait 5 s after a failure, twice as long after each further one, and are forgotten after the eighth', () => {
    const c = createCandidates()
    addCandidate(c, peer(1), 'tracker', 0)
    let now = 0
    for (const wait of [5, 10, 20, 40, 80, 160, 320]) {
      markDialling(c, peer(1), now)
      markClosed(c, peer(1), now, 'failed')
      expect(ports(c, now + wait * 1_000 - 1)).toEqual([])
      now += wait * 1_000
      expect(ports(c, now)).toHaveLength(1)
    }
    expect(dialable(c, now)[0]!.failures).toBe(7)
    markClosed(c, peer(1), now, 'failed')
    expect([candidateStates(c).length, ports(c, Infinity)]).toEqual([0, []])
  })

  it('of the user are never forgotten, and tried every 10 minutes in the end', () => {
    const c = createCandidates()
    addCandidate(c, peer(1), 'manual', 0)
    const now = fail(c, peer(1), 50)
    expect(ports(c, now + 599_999)).toEqual([])
    expect(ports(c, now + 600_000)).toHaveLength(1)
  })

  it('start afresh after a useful connection', () => {
    const c = createCandidates()
    addCandidate(c, peer(1), 'tracker', 0)
    const now = fail(c, peer(1), 7)
    markConnected(c, peer(1), now)
    markClosed(c, peer(1), now, 'useful')
    expect(ports(c, now + 4_999)).toEqual([])
    expect(dialable(c, now + 5_000)).toMatchObject([{ failures: 0, lastTriedAt: now }])
  })

  it('that are of no use now sleep until woken, or given by the user', () => {
    const c = createCandidates()
    for (const [n, source] of [
      [1, 'tracker'],
      [2, 'manual'],
      [3, 'tracker'],
    ] as const) {
      addCandidate(c, peer(n), source, 0)
      markConnected(c, peer(n), 0)
      markClosed(c, peer(n), 0, n === 3 ? 'failed' : 'asleep')
    }
    expect(candidateStates(c)).toHaveLength(3)
    expect(ports(c, 1e9)).toEqual(['10.0.0.3:6881'])
    addCandidate(c, peer(2), 'manual', 2e9)
    expect(ports(c, 2e9)).toEqual(['10.0.0.2:6881', '10.0.0.3:6881'])
    markConnected(c, peer(2), 2e9)
    markClosed(c, peer(2), 2e9, 'asleep')
    markDialling(c, peer(3), 2e9)
    expect(ports(c, 3e9)).toEqual([])
    wakeCandidates(c, 3e9)
    expect(ports(c, 3e9)).toEqual(['10.0.0.2:6881', '10.0.0.1:6881'])
  })

  it('that are ourselves are never taken in again', () => {
    const c = createCandidates()
    addCandidate(c, peer(1), 'manual', 0)
    markDialling(c, peer(1), 0)
    markClosed(c, peer(1), 1, 'self')
    expect(addCandidate(c, peer(1), 'manual', 2)).toBe(false)
    expect(candidateStates(c).length).toBe(0)
    for (let n = 2; n < 1_000; n++) markClosed(c, peer(n), 1, 'self')
    expect(c.selves.size).toBe(64)
  })

  it('that are banned are dropped', () => {
    const c = createCandidates()
    addCandidate(c, peer(1), 'tracker', 0)
    markConnected(c, peer(1), 0)
    markClosed(c, peer(1), 1, 'unwanted')
    expect(candidateStates(c).length).toBe(0)
  })

  it('are shown as they are, in the same list while nothing changes', () => {
    const c = createCandidates()
    addCandidate(c, peer(1), 'tracker', 0)
    addCandidate(c, peer(2), 'tracker', 0)
    const before = candidateStates(c)
    addCandidate(c, peer(1), 'tracker', 0)
    markDialling(c, peer(1), 0)
    dialable(c, 0)
    expect(candidateStates(c)).toBe(before)
    markClosed(c, peer(1), 1, 'failed')
    const after = candidateStates(c)
    expect(after).toEqual([
      { ...peer(1), source: 'tracker', failures: 1 },
      { ...peer(2), source: 'tracker', failures: 0 },
    ])
    expect(after[1]).toBe(before[1])
    expect(before[0]?.failures).toBe(0)
    addCandidate(c, peer(1), 'manual', 1)
    expect(candidateStates(c)[0]?.source).toBe('manual')
  })

  it('become the user’s when he gives them, and due at once', () => {
    const c = createCandidates()
    addCandidate(c, peer(1), 'tracker', 0)
    const now = fail(c, peer(1), 5)
    expect(addCandidate(c, peer(1), 'manual', now + 1)).toBe(false)
    expect(dialable(c, now + 1)).toMatchObject([{ source: 'manual', failures: 5 }])
    fail(c, peer(1), 10, now + 1)
    expect(candidateStates(c).length).toBe(1)
  })

  it('do not mind strangers', () => {
    const c = createCandidates()
    markDialling(c, peer(1), 0)
    markConnected(c, peer(1), 0)
    for (const outcome of ['useful', 'failed', 'unwanted', 'asleep'] as const)
      markClosed(c, peer(1), 0, outcome)
    expect([candidateStates(c).length, ports(c, Infinity)]).toEqual([0, []])
  })
})

describe('a full table', () => {
  const full = (): Candidates => {
    const c = createCandidates(4)
    for (let n = 0; n < 4; n++) addCandidate(c, peer(n), 'tracker', 0)
    return c
  }

  it('refuses newcomers while all it has may be good', () => {
    const c = full()
    expect(addCandidate(c, peer(9), 'tracker', 0)).toBe(false)
    expect(ports(c, 0)).toHaveLength(4)
  })

  it('evicts who failed most, and nobody that is connected', () => {
    const c = full()
    fail(c, peer(1), 1)
    fail(c, peer(2), 3)
    fail(c, peer(3), 4)
    markConnected(c, peer(3), 1e6)
    expect(addCandidate(c, peer(9), 'tracker', 1e6)).toBe(true)
    expect([...c.all.keys()]).not.toContain('10.0.0.2 6881')
    expect(addCandidate(c, peer(10), 'tracker', 1e6)).toBe(true)
    expect([...c.all.keys()]).not.toContain('10.0.0.1 6881')
    expect(addCandidate(c, peer(11), 'tracker', 1e6)).toBe(false)
    expect(candidateStates(c).length).toBe(4)
  })

  it('evicts who is of no use now before anybody who may be', () => {
    const c = full()
    addCandidate(c, peer(0), 'manual', 0)
    for (const n of [0, 2]) {
      markConnected(c, peer(n), 0)
      markClosed(c, peer(n), 0, 'asleep')
    }
    expect(addCandidate(c, peer(9), 'tracker', 0)).toBe(true)
    expect([...c.all.keys()]).not.toContain('10.0.0.2 6881')
    expect(addCandidate(c, peer(10), 'tracker', 0)).toBe(false)
  })

  it('takes the user’s addresses in for any other, but not for one of his own', () => {
    const c = full()
    for (let n = 10; n < 14; n++) expect(addCandidate(c, peer(n), 'manual', 0)).toBe(true)
    expect(addCandidate(c, peer(14), 'manual', 0)).toBe(false)
    expect(dialable(c, 0).map(({ source }) => source)).toEqual(['manual', 'manual', 'manual', 'manual'])
  })

  it('shows 256 of those that are due, the user’s and the fewest failures first', () => {
    const c = createCandidates()
    for (let n = 0; n < 3_000; n++) expect(addCandidate(c, peer(n), 'tracker', 0)).toBe(true)
    expect(addCandidate(c, peer(3_000), 'tracker', 0)).toBe(false)
    for (let n = 0; n < 100; n++) {
      markDialling(c, peer(n), 0)
      markClosed(c, peer(n), 0, 'failed')
    }
    addCandidate(c, peer(2_000), 'manual', 0)
    const view = dialable(c, 1e6)
    expect(view).toHaveLength(256)
    expect(view[0]).toMatchObject({ ...peer(2_000), source: 'manual' })
    expect(view.every(({ failures }) => failures === 0)).toBe(true)
  })
})

const operation = fc.record({
  verb: fc.constantFrom(
    'add',
    'add',
    'addManual',
    'dial',
    'dial',
    'connect',
    'useful',
    'failed',
    'failed',
    'self',
    'unwanted',
    'asleep',
  ),
  n: fc.nat(7),
  wait: fc.constantFrom(0, 1, 5_000, 20_000, 700_000),
})

describe('any history', () => {
  test.prop([fc.array(operation, { maxLength: 120, size: 'max' })])(
    'keeps the pools in step',
    (operations) => {
      const c = createCandidates(5)
      const busy = new Set<string>()
      let now = 0
      for (const { verb, n, wait } of operations) {
        now += wait
        const address = peer(n)
        const key = `${address.host} 6881`
        if (verb === 'add') addCandidate(c, address, 'tracker', now)
        else if (verb === 'addManual') addCandidate(c, address, 'manual', now)
        else if (verb === 'dial' || verb === 'connect') {
          if (verb === 'dial') markDialling(c, address, now)
          else markConnected(c, address, now)
          if (c.all.has(key)) busy.add(key)
        } else {
          markClosed(c, address, now, verb)
          busy.delete(key)
        }
        expect(candidateStates(c).length).toBeLessThanOrEqual(5)
        const idle = [...c.all.values()].filter((candidate) => !busy.has(candidate.key))
        // All that is idle and due is offered, no matter what was asked before; nothing else is.
        const due = idle.filter((candidate) => candidate.dueAt <= now)
        expect(new Set(dialable(c, now))).toEqual(new Set(due))
        expect(dialable(c, Infinity)).toHaveLength(idle.length)
        dialable(c, now)
      }
    },
  )
})
