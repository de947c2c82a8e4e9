import { filter, firstValueFrom } from 'rxjs'
import { load } from '../../kernels/kernel.mjs'
import { emptyDisk, emptyTorrent } from './emptyTorrent.mjs'

/** @typedef {import('../../../src/index.js').Metainfo} Metainfo */
/** @typedef {import('../../../src/index.js').Session} Session */

const { session } = /** @type {typeof import('../../../src/index.js')} */ (await load('index.js'))

/** @param {unknown} thrown */
const rethrow = (thrown) => {
  throw thrown
}

/**
 * A session that listens, looks for nobody, and has no data; `end` ends it.
 *
 * @param {number} pieces
 * @param {number} connections
 * @returns {Promise<{ readonly torrent: Session, readonly metainfo: Metainfo, readonly port: number, readonly end: () => void }>}
 */
export const openSession = async (pieces, connections) => {
  const metainfo = emptyTorrent(pieces)
  const torrent = session(metainfo, {
    directory: 'nowhere',
    deps: { openStorage: emptyDisk },
    resume: false,
    announce: false,
    connections,
  })
  const running = torrent.state$.subscribe({ error: rethrow })
  const { port } = await firstValueFrom(
    torrent.state$.pipe(filter((state) => state.phase === 'downloading' && state.port._tag === 'Some')),
  )
  if (port._tag === 'None') throw new Error('no port')
  return {
    torrent,
    metainfo,
    port: port.value,
    end: () => {
      running.unsubscribe()
    },
  }
}
