import { Observable, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { type DialAnswer, type Dialler, followDial } from '../../../src/streams/peer/followDial.js'
import { rethrow } from '../../support/rethrow.js'

const REFUSED: DialAnswer = E.left({ _tag: 'SocketError', code: 'ECONNREFUSED' })

const follow = (goesOn: boolean) => {
  const answer$ = new Subject<DialAnswer>()
  const answers: DialAnswer[] = []
  const dial: { dialler: Dialler | undefined } = {
    dialler: { onAnswer: (answer) => void answers.push(answer), onEnd: () => goesOn },
  }
  let isOver = false
  const subscription = new Observable<DialAnswer>((subscriber) =>
    followDial(answer$, dial, subscriber),
  ).subscribe({ error: rethrow, complete: () => (isOver = true) })
  return { answer$, answers, dial, subscription, isOver: () => isOver }
}

describe('a dial that is followed', () => {
  it('hands its answers to the dialler while there is one', () => {
    const { answer$, answers, dial } = follow(true)
    answer$.next(REFUSED)
    dial.dialler = undefined
    answer$.next(REFUSED)
    expect(answers).toEqual([REFUSED])
  })

  it.each([
    [true, false],
    [false, true],
  ])('ends with the connection unless the dialler goes on (%s)', (goesOn, isOver) => {
    const followed = follow(goesOn)
    followed.answer$.complete()
    expect(followed.isOver()).toBe(isOver)
  })

  it('ends with the connection once there is no dialler', () => {
    const followed = follow(true)
    followed.dial.dialler = undefined
    followed.answer$.complete()
    expect(followed.isOver()).toBe(true)
  })

  it('ends the connection when nobody wants it any more', () => {
    const { answer$, subscription } = follow(true)
    subscription.unsubscribe()
    expect(answer$.observed).toBe(false)
  })
})
