import type { Action } from './action.js'
import { isMagnet } from './isMagnet.js'

/** What is often given in place of a .torrent file, and what to do about it. */
export const noTorrentFile = (action: Action): string | undefined => {
  if (!('file' in action)) return undefined
  const { file } = action
  if (isMagnet(file)) return takesMagnet(action) ? undefined : 'give a .torrent file, not a magnet link'
  if (/^https?:\/\//i.test(file)) return 'give a file, not a URL'
  return file === '-' ? 'give a file, not - (or /dev/stdin, to read from a pipe)' : undefined
}

/** A seeder has the data, and had a torrent to make it by. */
const takesMagnet = (action: Action): boolean =>
  action._tag === 'Info' || (action._tag === 'Transfer' && action.role === 'download')
