import type { Observable } from 'rxjs'
import type { Either } from '#fp/Either'
import type { Option } from '#fp/Option'
import type { GatewayUrl } from '../../codecs/portMapping/gatewayUrl.js'
import type { Clock, Datagrams, Random } from '../deps.js'

/** The outside world of port mapping. */
export interface PortMappingDeps {
  readonly datagrams: Datagrams
  readonly clock: Clock
  readonly random: Random
  /**
   * The IPv4 address of the gateway that leads to the internet; none where there is none, or the system does not tell:
   * gateways are then only looked for by UPnP. Cold; emits once and completes.
   */
  readonly gateway: () => Observable<Option<string>>
  /** Our own IPv4 address in the network that this one is in. */
  readonly ownAddress: (neighbour: string) => Option<string>
  readonly http: GatewayHttp
}

/**
 * Asks a gateway over HTTP. Cold; emits once and completes; a `Left` is the system's code. Follows no redirects, looks up
 * no names, and gives up after some seconds or more than `MAX_GATEWAY_DOCUMENT_BYTES`.
 */
export type GatewayHttp = (
  url: GatewayUrl,
  /** Makes it a POST. */
  call?: { readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array },
) => Observable<Either<string, GatewayHttpAnswer>>

export interface GatewayHttpAnswer {
  readonly status: number
  readonly body: Uint8Array
}
