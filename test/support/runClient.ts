import { firstValueFrom, lastValueFrom } from 'rxjs'
import { onTestFinished } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { Metainfo } from '../../src/codecs/metainfoModel.js'
import type { Added, Client, ClientAlert } from '../../src/streams/client.js'
import type { AddOptions } from '../../src/streams/client/options.js'
import { createHashPool } from '../../src/streams/node/hashPool.js'
import { client, type NodeClientOptions } from '../../src/streams/node/nodeClient.js'
import { until } from './until.js'

const pool = createHashPool()

export interface RunningClient {
  readonly client: Client
  readonly alerts: ClientAlert[]
  /** Adds what is to be right. */
  readonly add: (torrent: string | Uint8Array | Metainfo, options?: AddOptions) => Promise<Added>
  /** Once all of its sessions listen that are to run: before, who comes for one of them is turned away. */
  readonly port: () => Promise<number>
}

/** A client over real sockets and files, closed after the test. */
export const runClient = (options: NodeClientOptions): RunningClient => {
  const running = client({ hashPool: pool, ...options })
  const alerts: ClientAlert[] = []
  running.alert$.subscribe((alert) => alerts.push(alert))
  // In good order: what it saves is not to come after the folder has gone.
  onTestFinished(async () => {
    await ended(running)
  })
  return {
    client: running,
    alerts,
    add: async (torrent, addOptions) => {
      const added = await firstValueFrom(running.add(torrent, addOptions))
      if (E.isLeft(added)) throw new Error(JSON.stringify(added.left))
      return added.right
    },
    port: async () => {
      const listens = (infohash: string): boolean => {
        const state = running.get(infohash)?.state()
        return state !== undefined && (state.desired === 'paused' || O.isSome(state.port))
      }
      await until(() => O.isSome(running.state().port) && [...running.state().sessions.keys()].every(listens))
      return O.toUndefined(running.state().port) ?? 0
    },
  }
}

/** Waits for a stream to end, whether it says anything or not. */
export const ended = (client: Client): Promise<unknown> =>
  lastValueFrom(client.stop(), { defaultValue: undefined })
