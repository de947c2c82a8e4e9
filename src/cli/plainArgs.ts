import type { ShowAction } from './action.js'
import { noTorrentFile } from './noTorrentFile.js'

const TAGS = new Map([
  ['info', 'Info'],
  ['magnet', 'Magnet'],
] as const)

/**
 * Understands `info FILE` and `magnet FILE`, with `--json` behind them or without, and nothing else: loading what reads all
 * command lines would take longer than these commands do. Undefined leaves it to that, which would come to the same.
 */
export const plainArgs = ([command, file = '', ...options]: ReadonlyArray<string>):
  ShowAction | undefined => {
  const tag = command === 'info' || command === 'magnet' ? TAGS.get(command) : undefined
  if (tag === undefined || file === '' || file.startsWith('-')) return undefined
  if (options.length > 1 || (options.length === 1 && options[0] !== '--json')) return undefined
  const action = { _tag: tag, file, json: options.length === 1, quiet: false }
  return noTorrentFile(action) === undefined ? action : undefined
}
