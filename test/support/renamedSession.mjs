// A seed that renames its first file, and says so once that is saved; then it waits for somebody to kill it.
// node renamedSession.mjs <library> <torrent> <folder> <new name>
import { readFileSync } from 'node:fs'
import process from 'node:process'

const [library, torrent, directory, name] = process.argv.slice(2)
/** @type {typeof import('../../src/index.js')} */
const { decodeMetainfo, session } = await import(String(library))
const metainfo = decodeMetainfo(readFileSync(String(torrent)))
if (metainfo._tag === 'Left') throw new Error('no torrent')
const running = session(metainfo.right, { directory: String(directory) })
let isRenamed = false
running.alert$.subscribe((notice) => {
  if (notice._tag === 'FileRenamed') isRenamed = true
  if (notice._tag === 'ResumeSaved' && isRenamed) process.stdout.write('saved\n')
})
running.complete$.subscribe(() => {
  running.send({ _tag: 'RenameFile', id: 1, file: 0, path: [String(name)] })
})
