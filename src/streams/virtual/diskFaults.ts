import type { StorageError } from '../deps.js'

type Operation = StorageError['operation']

/** The `nth` operation of its kind on the disk (the first is 1) fails with that system code. */
export interface DiskFault {
  readonly operation: Operation
  readonly nth: number
  /** `EIO`, `ENOSPC`, `EACCES` … */
  readonly code: string
}

/** Which operations fail. */
export interface DiskFaults {
  /** Counts one operation; answers the code it fails with, if it does. */
  readonly next: (operation: Operation) => string | undefined
  /** So many of the next operations of that kind fail; `Infinity` for all. */
  readonly failNext: (operation: Operation, code: string, times: number) => void
  readonly count: (operation: Operation) => number
}

export const createDiskFaults = (planned: ReadonlyArray<DiskFault>): DiskFaults => {
  const counts = new Map<Operation, number>()
  const coming = new Map<Operation, { readonly code: string; readonly until: number }>()
  const count = (operation: Operation): number => counts.get(operation) ?? 0

  return {
    count,
    next: (operation) => {
      const nth = count(operation) + 1
      counts.set(operation, nth)
      const run = coming.get(operation)
      if (run !== undefined && nth <= run.until) return run.code
      return planned.find((fault) => fault.operation === operation && fault.nth === nth)?.code
    },
    failNext: (operation, code, times) => {
      coming.set(operation, { code, until: count(operation) + times })
    },
  }
}
