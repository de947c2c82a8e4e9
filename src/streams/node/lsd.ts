import { networkInterfaces } from 'node:os'
import type { NetworkInterfaceInfo } from 'node:os'
import { createLsd, type Lsd } from '../lsd/lsd.js'
import type { LsdDeps, LsdInterface } from '../lsd/lsdDeps.js'
import { nodeClock } from './clock.js'
import { nodeDatagrams } from './datagrams.js'
import { nodeRandom } from './random.js'

export interface NodeLsdOptions {
  /** Names of the interfaces to be known on (`eth0`); every one that leads to a network where absent. */
  readonly interfaces?: ReadonlyArray<string>
  /** Parts of the world to replace. */
  readonly deps?: Partial<LsdDeps>
}

/**
 * Local discovery (BEP 14) on this machine's networks, over IPv4 and IPv6. One serves all torrents of a program: make it
 * once. Nothing is open before a session uses it.
 *
 * @example
 * ```ts
 * const torrent = session(metainfo, { directory: 'downloads', sources: [lsdSource(lsd())] })
 * ```
 */
export const lsd = ({ interfaces, deps }: NodeLsdOptions = {}): Lsd =>
  createLsd({
    datagrams: nodeDatagrams(),
    clock: nodeClock,
    random: nodeRandom,
    interfaces: () => lsdInterfaces(networkInterfaces(), interfaces),
    ...deps,
  })

/**
 * Each interface once for each family that it has an address of. What leads to this machine alone is left out, unless it
 * is named.
 */
export const lsdInterfaces = (
  all: NodeJS.Dict<ReadonlyArray<NetworkInterfaceInfo>>,
  named?: ReadonlyArray<string>,
): ReadonlyArray<LsdInterface> =>
  Object.entries(all).flatMap(([name, addresses = []]) => {
    if (named !== undefined && !named.includes(name)) return []
    const usable = addresses.filter(({ internal }) => named !== undefined || !internal)
    const four = usable.find(({ family }) => family === 'IPv4')
    const six = usable.find(({ family }) => family === 'IPv6')
    return [
      ...(four === undefined ? [] : [{ family: 4, interface: four.address } as const]),
      ...(six === undefined ? [] : [{ family: 6, interface: `::%${name}` } as const]),
    ]
  })
