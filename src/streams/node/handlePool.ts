import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { CLOSED } from '../disk/storageError.js'

/** Something that can be opened. The pool holds at most one current handle of it; only the pool changes it. */
export interface Slot {
  readonly open: OpenHandle
  /** A last look, before it is closed to make room for others. */
  readonly beforeClose: ((fd: number) => void) | undefined
  handle: Handle | undefined
  isDisposed: boolean
}

/** An open file, lent to any number of users at a time; only the pool changes it. */
export interface Handle {
  readonly slot: Slot
  fd: number
  users: number
  isRetired: boolean
  /** Who waits for it to open; undefined once it is open. */
  waiting: Answer[] | undefined
}

/** Opens a file; answers later (never at once) with its descriptor or a system code. */
export type OpenHandle = (done: (result: Either<string, number>) => void) => void

type Answer = (result: Either<string, Handle>) => void

/** A bounded set of open files; when room is needed, the one longest unused is closed. */
export interface HandlePool {
  /**
   * Borrows the slot's handle, opened if need be, once the bound allows it: first come, first served. Answers once,
   * now or later; a `Left` is a system code. Whoever gets a handle must `release` it.
   */
  readonly acquire: (slot: Slot, answer: Answer) => void
  readonly release: (handle: Handle) => void
  /** Closes the slot's handle as soon as nobody uses it; the next `acquire` opens it afresh. */
  readonly retire: (slot: Slot) => void
  /** As `retire`, for good: who waits for it or asks later gets `ECANCELED`. */
  readonly dispose: (slot: Slot) => void
}

export interface HandlePoolOptions {
  /** Most descriptors at a time, those being opened or closed included. */
  readonly maxOpen: number
  readonly close: (fd: number, done: () => void) => void
}

export const handleSlot = (open: OpenHandle, beforeClose?: (fd: number) => void): Slot => ({
  open,
  beforeClose,
  handle: undefined,
  isDisposed: false,
})

export const createHandlePool = ({ maxOpen, close }: HandlePoolOptions): HandlePool => {
  /** In the order of last use. */
  const handles = new Set<Handle>()
  const queue: Array<{ readonly slot: Slot; readonly answer: Answer }> = []
  /** Descriptors open, being opened or being closed. */
  let held = 0
  let closing = 0

  const canLend = (slot: Slot): boolean => slot.handle !== undefined || held < maxOpen

  const lend = (slot: Slot, answer: Answer): void => {
    const handle = slot.handle ?? openHandle(slot)
    handle.users += 1
    handles.delete(handle)
    handles.add(handle)
    if (handle.waiting === undefined) answer(E.right(handle))
    else handle.waiting.push(answer)
  }

  const openHandle = (slot: Slot): Handle => {
    const handle: Handle = { slot, fd: -1, users: 0, isRetired: false, waiting: [] }
    slot.handle = handle
    held += 1
    slot.open((result) => {
      const waiting = handle.waiting ?? []
      handle.waiting = undefined
      if (E.isRight(result)) {
        handle.fd = result.right
        for (const answer of waiting) {
          if (slot.isDisposed) refuse(handle, answer)
          else answer(E.right(handle))
        }
      } else {
        forget(handle)
        held -= 1
        for (const answer of waiting) answer(result)
        serve()
      }
    })
    return handle
  }

  const refuse = (handle: Handle, answer: Answer): void => {
    release(handle)
    answer(E.left(CLOSED))
  }

  const release = (handle: Handle): void => {
    handle.users -= 1
    if (handle.users > 0) return
    if (handle.isRetired) shut(handle)
    else makeRoom()
  }

  /** Closes unused handles, oldest first, as long as more is asked for than is being closed. */
  const makeRoom = (): void => {
    for (const handle of handles) {
      if (queue.length <= closing) return
      if (handle.users === 0) shut(handle)
    }
  }

  const shut = (handle: Handle): void => {
    forget(handle)
    if (!handle.isRetired) handle.slot.beforeClose?.(handle.fd)
    closing += 1
    close(handle.fd, () => {
      closing -= 1
      held -= 1
      serve()
    })
  }

  const forget = (handle: Handle): void => {
    handles.delete(handle)
    if (handle.slot.handle === handle) handle.slot.handle = undefined
  }

  const serve = (): void => {
    if (queue.length === 0) return
    for (let head = queue[0]; head !== undefined; head = queue[0]) {
      const { slot, answer } = head
      if (!slot.isDisposed && !canLend(slot)) break
      queue.shift()
      if (slot.isDisposed) answer(E.left(CLOSED))
      else lend(slot, answer)
    }
    makeRoom()
  }

  const retire = (slot: Slot): void => {
    const { handle } = slot
    if (handle === undefined) return
    handle.isRetired = true
    slot.handle = undefined
    if (handle.users === 0) shut(handle)
  }

  return {
    acquire: (slot, answer) => {
      // Nobody overtakes the queue: a file in constant use would keep the others waiting for ever.
      if (slot.isDisposed) answer(E.left(CLOSED))
      else if (queue.length === 0 && canLend(slot)) lend(slot, answer)
      else {
        queue.push({ slot, answer })
        makeRoom()
      }
    },
    release,
    retire,
    dispose: (slot) => {
      slot.isDisposed = true
      retire(slot)
      serve()
    },
  }
}
