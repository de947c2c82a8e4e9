import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { createHandlePool, handleSlot } from '../../../src/streams/node/handlePool.js'
import type { Handle, HandlePool, Slot } from '../../../src/streams/node/handlePool.js'

/** A system of files whose opens and closes answer when told to, in any order. */
const fakeSystem = (maxOpen: number, failing: ReadonlySet<number> = new Set()) => {
  const pending: Array<() => void> = []
  const open = new Map<number, number>()
  let lastFd = 0
  let held = 0
  let mostHeld = 0
  const pool: HandlePool = createHandlePool({
    maxOpen,
    close: (fd, done) => {
      if (!open.delete(fd)) throw new Error('closed twice')
      pending.push(() => {
        held -= 1
        done()
      })
    },
  })
  const slot = (file: number): Slot =>
    handleSlot((done) => {
      held += 1
      mostHeld = Math.max(mostHeld, held)
      pending.push(() => {
        if (failing.has(file)) {
          held -= 1
          done(E.left('ENOENT'))
        } else {
          lastFd += 1
          open.set(lastFd, file)
          done(E.right(lastFd))
        }
      })
    })
  return {
    pool,
    slot,
    open,
    pending,
    settle: (): void => {
      while (pending.length > 0) pending.shift()!()
    },
    mostHeld: () => mostHeld,
  }
}

const ask = (pool: HandlePool, slot: Slot): Array<Either<string, Handle>> => {
  const answers: Array<Either<string, Handle>> = []
  pool.acquire(slot, (answer) => answers.push(answer))
  return answers
}

const handleIn = (answers: ReadonlyArray<Either<string, Handle>>): Handle => {
  const [answer] = answers
  if (answer === undefined || E.isLeft(answer)) throw new Error('no handle')
  return answer.right
}

describe('createHandlePool', () => {
  it('opens once for any number of users and keeps it open', () => {
    const { pool, slot, open, settle } = fakeSystem(2)
    const file = slot(7)
    const [first, second] = [ask(pool, file), ask(pool, file)]
    settle()
    expect(handleIn(first).fd).toBe(handleIn(second).fd)
    pool.release(handleIn(first))
    pool.release(handleIn(second))
    settle()
    expect([...open.values()]).toEqual([7])
    expect(handleIn(ask(pool, file)).fd).toBe(handleIn(first).fd)
  })

  it('closes the one longest unused to make room', () => {
    const { pool, slot, open, settle } = fakeSystem(2)
    const files = [slot(0), slot(1), slot(2)]
    for (const at of [0, 1, 0]) {
      const lent = ask(pool, files[at]!)
      settle()
      pool.release(handleIn(lent))
    }
    const lent = ask(pool, files[2]!)
    settle()
    expect(handleIn(lent).fd).toBeGreaterThan(0)
    expect([...open.values()].sort()).toEqual([0, 2])
  })

  it('never closes a handle in use: who asks for more waits', () => {
    const { pool, slot, open, settle } = fakeSystem(1)
    const first = ask(pool, slot(0))
    settle()
    const second = ask(pool, slot(1))
    settle()
    expect(second).toEqual([])
    expect([...open.values()]).toEqual([0])
    pool.release(handleIn(first))
    settle()
    expect(open.get(handleIn(second).fd)).toBe(1)
  })

  it('lets nobody overtake the queue', () => {
    const { pool, slot, settle } = fakeSystem(1)
    const busy = slot(0)
    const first = ask(pool, busy)
    settle()
    const other = ask(pool, slot(1))
    const again = ask(pool, busy)
    settle()
    expect([other, again]).toEqual([[], []])
    pool.release(handleIn(first))
    settle()
    expect(again).toEqual([])
    pool.release(handleIn(other))
    settle()
    expect(handleIn(again).fd).toBeGreaterThan(0)
  })

  it('tells all who wait for a file that cannot be opened, and gives its room to others', () => {
    const { pool, slot, settle } = fakeSystem(1, new Set([0]))
    const broken = slot(0)
    const answers = [ask(pool, broken), ask(pool, broken)]
    const other = ask(pool, slot(1))
    settle()
    expect(answers).toEqual([[E.left('ENOENT')], [E.left('ENOENT')]])
    expect(handleIn(other).fd).toBeGreaterThan(0)
  })

  it('retire closes when the users are done, while others get a new handle', () => {
    const { pool, slot, open, settle } = fakeSystem(2)
    const file = slot(0)
    const before = ask(pool, file)
    settle()
    pool.retire(file)
    const after = ask(pool, file)
    settle()
    expect(handleIn(after).fd).not.toBe(handleIn(before).fd)
    pool.release(handleIn(before))
    settle()
    expect([...open.keys()]).toEqual([handleIn(after).fd])
  })

  it('dispose refuses who waits, and closes what comes too late', () => {
    const { pool, slot, open, settle, pending } = fakeSystem(1)
    const [file, other] = [slot(0), slot(1)]
    const opening = ask(pool, file)
    const queued = ask(pool, other)
    pool.dispose(file)
    pool.dispose(other)
    expect(pending.length).toBeGreaterThan(0)
    settle()
    expect([opening, queued, ask(pool, file)]).toEqual([
      [E.left('ECANCELED')],
      [E.left('ECANCELED')],
      [E.left('ECANCELED')],
    ])
    expect(open.size).toBe(0)
  })

  test.prop([
    fc.integer({ min: 1, max: 4 }),
    fc.array(fc.tuple(fc.constantFrom('ask', 'release', 'system', 'retire', 'dispose'), fc.nat(7)), {
      maxLength: 120,
    }),
  ])('stays within its bound, answers everybody and leaves nothing open', (maxOpen, script) => {
    const failing = new Set([6])
    const { pool, slot, open, pending, settle, mostHeld } = fakeSystem(maxOpen, failing)
    const files = [...Array(8).keys()].map(slot)
    const lent: Handle[] = []
    let asked = 0
    let answered = 0
    for (const [act, pick] of script) {
      if (act === 'ask') {
        asked += 1
        pool.acquire(files[pick]!, (answer) => {
          answered += 1
          if (E.isLeft(answer)) return
          if (!open.has(answer.right.fd)) throw new Error('lent a closed file')
          lent.push(answer.right)
        })
      } else if (act === 'release') {
        const [handle] = lent.splice(pick % Math.max(1, lent.length), 1)
        if (handle !== undefined) pool.release(handle)
      } else if (act === 'system') pending.splice(pick % Math.max(1, pending.length), 1)[0]?.()
      else if (act === 'retire') pool.retire(files[pick]!)
      else if (pick === 0) pool.dispose(files[pick]!)
      for (const { fd } of lent) expect(open.has(fd)).toBe(true)
    }
    for (let round = 0; round < 200 && (answered < asked || lent.length > 0); round += 1) {
      settle()
      for (const handle of lent.splice(0)) pool.release(handle)
    }
    expect(answered).toBe(asked)
    for (const file of files) pool.dispose(file)
    settle()
    expect(open.size).toBe(0)
    expect(mostHeld()).toBeLessThanOrEqual(maxOpen)
  })
})
