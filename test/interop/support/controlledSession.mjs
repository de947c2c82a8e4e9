/**
 * A session of the library under test, told what to do: takes a command of the session as JSON in each line of its
 * input, and prints what becomes of it: `listening`, `state` at each change, and every notice.
 *
 * usage: controlledSession.mjs TORRENT FOLDER PORT
 */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { decodeMetainfo, session } from '../../../dist/index.js'

const [torrent = '', directory = '', port = '0'] = process.argv.slice(2)

/** @param {object} event */
const say = (event) => {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

const decoded = decodeMetainfo(readFileSync(torrent))
if (decoded._tag === 'Left') throw new Error('not a torrent')
const running = session(decoded.right, { directory, port: Number(port) })

running.state$.subscribe({
  next: ({ phase, progress, totals }) => {
    const { haveBytes, isDone, isComplete } = progress
    say({ event: 'state', phase, haveBytes, isDone, isComplete, ...totals })
  },
  error: () => {
    process.exit(1)
  },
  complete: () => {
    process.exit(0)
  },
})
running.alert$.subscribe({
  next: (notice) => {
    if (notice._tag === 'Listening') say({ event: 'listening', port: notice.port })
    else say({ event: 'notice', notice })
  },
  error: () => undefined,
})
createInterface({ input: process.stdin }).on('line', (line) => {
  running.send(JSON.parse(line))
})
