import { fstatSync } from 'node:fs'
import type { Stats } from 'node:fs'
import * as E from '#fp/Either'
import { systemCode } from './fsCall.js'
import type { SystemResult } from './fsCall.js'

/**
 * What the system knows of an open file. At once: of what is open it has this in memory, and to ask a thread for it costs
 * ten times as much as the answer.
 */
export const statOpen = (fd: number): SystemResult<Stats> =>
  E.tryCatch(
    () => fstatSync(fd),
    (error) => systemCode(error as NodeJS.ErrnoException),
  )
