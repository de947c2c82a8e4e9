import { Observable, Subject, of } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createGate } from '../../../../src/streams/node/storage/gate.js'

describe('createGate', () => {
  it('lets work alone wait for who is in, and who comes later wait for it', () => {
    const gate = createGate()
    const log: string[] = []
    const first$ = new Subject<string>()
    const change$ = new Subject<string>()
    const note = { next: (text: string) => log.push(text), error: expect.unreachable }
    gate.pass(() => first$).subscribe(note)
    gate
      .alone(() => {
        log.push('alone')
        return change$
      })
      .subscribe(note)
    gate.pass(() => of('later')).subscribe(note)
    gate.whenOpen(() => of('later still')).subscribe(note)
    expect(gate.isShut()).toBe(true)
    expect(log).toEqual([])
    first$.complete()
    expect(log).toEqual(['alone'])
    change$.next('changed')
    change$.complete()
    expect(log).toEqual(['alone', 'changed', 'later', 'later still'])
    expect(gate.isShut()).toBe(false)
  })

  it('runs work alone to its end when nobody listens, and tells it', () => {
    const gate = createGate()
    const change$ = new Subject<void>()
    let isLeft = (): boolean => false
    gate
      .alone((left) => {
        isLeft = left
        return change$
      })
      .subscribe({ error: expect.unreachable })
      .unsubscribe()
    expect(isLeft()).toBe(true)
    expect(gate.isShut()).toBe(true)
    change$.complete()
    expect(gate.isShut()).toBe(false)
  })

  it('never begins what was left before its turn, and forgets who waits no more', () => {
    const gate = createGate()
    const began: string[] = []
    gate.enter()
    const begin = (name: string) => (): Observable<never> =>
      new Observable((subscriber) => {
        began.push(name)
        subscriber.complete()
      })
    const ignore = { error: expect.unreachable }
    gate.alone(begin('a')).subscribe(ignore).unsubscribe()
    gate.alone(begin('b')).subscribe(ignore)
    gate.pass(begin('c')).subscribe(ignore).unsubscribe()
    gate.pass(begin('d')).subscribe(ignore)
    gate.leave()
    expect(began).toEqual(['b', 'd'])
  })

  it('is open again after work that failed, and counts who leaves in the middle once', () => {
    const gate = createGate()
    gate
      .alone(() => new Observable((subscriber) => subscriber.error('bug')))
      .subscribe({ error: () => undefined })
    expect(gate.isShut()).toBe(false)
    gate
      .pass(() => new Subject())
      .subscribe({ error: expect.unreachable })
      .unsubscribe()
    let hasRun = false
    gate
      .alone(() => {
        hasRun = true
        return of(undefined)
      })
      .subscribe({ error: expect.unreachable })
    expect(hasRun).toBe(true)
  })

  it('keeps its head with 5 000 who wait', () => {
    const gate = createGate()
    const change$ = new Subject<void>()
    gate.alone(() => change$).subscribe({ error: expect.unreachable })
    let ran = 0
    for (let at = 0; at < 5_000; at += 1)
      gate.whenOpen(() => of(at)).subscribe({ next: () => (ran += 1), error: expect.unreachable })
    change$.complete()
    expect(ran).toBe(5_000)
  })
})
