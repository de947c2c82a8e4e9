import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { python } from './requirements.js'

export interface TorrentSpec {
  /** The file or folder to share. */
  readonly path: string
  readonly output: string
  readonly pieceLength: number
  readonly announce?: string
  /** BEP 19. */
  readonly webSeeds?: ReadonlyArray<string>
  /** BitTorrent v1 and v2 in one, with pad files. */
  readonly isHybrid?: boolean
  /** BitTorrent v2 alone. */
  readonly isV2?: boolean
  /** BEP 27. */
  readonly isPrivate?: boolean
}

/** Makes a torrent with libtorrent; answers its infohash in hex, of v2 where it has no other. */
export const makeTorrent = ({
  path,
  output,
  pieceLength,
  announce,
  webSeeds = [],
  isHybrid,
  isV2,
  isPrivate,
}: TorrentSpec): string => {
  const script = fileURLToPath(new URL('makeTorrent.py', import.meta.url))
  const options = [
    ...['--piece-length', String(pieceLength)],
    ...(announce === undefined ? [] : ['--announce', announce]),
    ...webSeeds.flatMap((url) => ['--web-seed', url]),
    ...(isHybrid === true ? ['--hybrid'] : []),
    ...(isV2 === true ? ['--v2'] : []),
    ...(isPrivate === true ? ['--private'] : []),
  ]
  return execFileSync(python, [script, path, output, ...options], { encoding: 'utf8' }).trim()
}
