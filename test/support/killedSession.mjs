// A download that saves resume data all the time, until somebody kills it.
// node killedSession.mjs <library> <torrent> <folder> <port of a seed>
import { readFileSync } from 'node:fs'
import process from 'node:process'

const [library, torrent, directory, port] = process.argv.slice(2)
/** @type {typeof import('../../src/index.js')} */
const { decodeMetainfo, session } = await import(String(library))
const metainfo = decodeMetainfo(readFileSync(String(torrent)))
if (metainfo._tag === 'Left') throw new Error('no torrent')
const running = session(metainfo.right, {
  directory: String(directory),
  peers: [{ host: '127.0.0.1', port: Number(port) }],
})
running.alert$.subscribe((notice) => {
  if (notice._tag === 'ResumeSaved') {
    process.stdout.write('saved\n')
    running.send({ _tag: 'SaveResume' })
  }
})
running.progress$.subscribe(({ havePieces }) => {
  if (havePieces > 0) running.send({ _tag: 'SaveResume' })
})
