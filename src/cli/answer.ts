import { fstatSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import { exitCode } from './exitCode.js'
import { end, type End } from './output.js'
import { systemCode, systemText } from './storageText.js'
import { writerTo } from './writer.js'

/** All that a command has to say: a text, or why there is none. */
export const answer = (text: Either<End, string>): void => {
  const answered = pipe(text, E.chain(isOnTerminal() ? print : write))
  if (E.isRight(answered)) return
  process.exitCode = answered.left.code
  writerTo(process.stderr).write(`rxtorrent: ${answered.left.text}\n`)
}

const STDOUT = 1

/** What knows terminals takes longer to load than to ask whether this could be one. */
export const isOnTerminal = (): boolean => fstatSync(STDOUT).isCharacterDevice() && isatty(STDOUT)

/** Terminals take text, each system's in its own way. */
const print = (text: string): Either<End, void> => {
  writerTo(process.stdout).write(`${text}\n`)
  return E.right(undefined)
}

/** Anything else takes bytes. That nobody reads them any more (`EPIPE`) is no misfortune of ours. */
const write = (text: string): Either<End, void> => {
  const bytes = Buffer.from(`${text}\n`)
  let written = 0
  try {
    while (written < bytes.length) written += writeSync(STDOUT, bytes, written)
  } catch (error) {
    // Somebody has it refuse what it has no room for, which `process.stdout` knows how to wait for.
    if (systemCode(error) === 'EAGAIN') writerTo(process.stdout).write(bytes.subarray(written))
    else if (systemCode(error) !== 'EPIPE')
      return E.left(end(exitCode.disk, systemText('write', 'the output', error)))
  }
  return E.right(undefined)
}
