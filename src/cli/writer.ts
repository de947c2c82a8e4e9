import { exitCode } from './exitCode.js'
import { systemText } from './storageText.js'

export interface Writer {
  readonly hasFailed: boolean
  readonly write: (text: string | Uint8Array) => void
}

/** Writes to a stream until it breaks. That nobody reads it any more (`EPIPE`) is no misfortune of ours. */
export const writerTo = (stream: NodeJS.WriteStream): Writer => {
  const writer = {
    hasFailed: false,
    write: (text: string | Uint8Array): void => {
      if (!isBroken) stream.write(text)
    },
  }
  let isBroken = false
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && !isBroken && stream !== process.stderr) {
      writer.hasFailed = true
      process.exitCode = exitCode.disk
      process.stderr.write(`rxtorrent: ${systemText('write', 'the output', error)}\n`)
    }
    isBroken = true
  })
  return writer
}
