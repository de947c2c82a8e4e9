import type { Observable } from 'rxjs'
import { mapPorts } from '../../portMapping/mapPorts.js'
import type { PortMappingDeps } from '../../portMapping/portMappingDeps.js'
import type { PortMappingState, PortToMap } from '../../portMapping/portMappingState.js'
import { nodeClock } from '../clock.js'
import { nodeDatagrams } from '../datagrams.js'
import { nodeRandom } from '../random.js'
import { defaultGateway } from './defaultGateway.js'
import { gatewayHttp } from './gatewayHttp.js'
import { ownAddress } from './ownAddress.js'

/**
 * `mapPorts` over this machine's gateway. PCP and NAT-PMP need to know it, and so are there on Linux alone; elsewhere
 * gateways are found by UPnP.
 *
 * @example
 * ```ts
 * const mapping = portMapping([{ protocol: 'tcp', port: 6881 }]).subscribe(({ _tag }) => console.log(_tag))
 * process.once('SIGINT', () => mapping.unsubscribe())
 * ```
 */
export const portMapping = (
  ports: ReadonlyArray<PortToMap>,
  deps: Partial<PortMappingDeps> = {},
): Observable<PortMappingState> =>
  mapPorts(
    {
      datagrams: nodeDatagrams(),
      clock: nodeClock,
      random: nodeRandom,
      gateway: defaultGateway,
      ownAddress,
      http: gatewayHttp,
      ...deps,
    },
    ports,
  )
