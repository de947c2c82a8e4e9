import { readFileSync } from 'node:fs'
import * as E from '#fp/Either'

const PATH = '/proc/sys/kernel/random/boot_id'

/** What this system is called from its boot to its end; undefined where it has no such name (it has one on Linux). */
export const bootId = (): string | undefined =>
  E.getOrElse((): string | undefined => undefined)(
    E.tryCatch(
      () => readFileSync(PATH, 'latin1').trim() || undefined,
      () => 'unknown',
    ),
  )
