import type { Option } from '#fp/Option'
import type { TransportProtocol } from '../../codecs/portMapping/natPmp.js'

export type PortMappingMethod = 'pcp' | 'nat-pmp' | 'upnp'

/** How it stands with ports that are to be reached from outside. */
export type PortMappingState =
  /** Gateways are being asked. */
  | { readonly _tag: 'Searching' }
  /** All ports lead inside; so it stays, as long as it is subscribed and the gateway plays along. */
  | {
      readonly _tag: 'Mapped'
      readonly method: PortMappingMethod
      /** The gateway's address outside, if it told; where it is a local one, another gateway is behind it. */
      readonly externalAddress: Option<string>
      readonly ports: ReadonlyArray<MappedPort>
    }
  /** No gateway does it: why, by method. They are asked again after a while. */
  | { readonly _tag: 'Failed'; readonly reasons: ReadonlyArray<PortMappingFailure> }

export interface PortToMap {
  readonly protocol: TransportProtocol
  readonly port: number
}

export interface MappedPort extends PortToMap {
  /** Outside; the same as inside where it was free. */
  readonly externalPort: number
  /** On the clock, unless renewed before; `Infinity`: the gateway keeps it until it is told otherwise. */
  readonly expiresAt: number
}

export type PortMappingFailure = PortMappingProblem & { readonly method: PortMappingMethod }

export type PortMappingProblem =
  /** The system names no gateway, or we have no address in its network. */
  | { readonly _tag: 'NoGateway' }
  | { readonly _tag: 'NoAnswer' }
  /** The gateway said no; the code is that of the method. */
  | { readonly _tag: 'Refused'; readonly code: number }
  /** What the gateway said makes no sense, or it speaks another version. */
  | { readonly _tag: 'BadAnswer' }
  /** The system would not let us ask. */
  | { readonly _tag: 'Unsendable'; readonly code: string }

/** One line for a person. */
export const showPortMappingFailure = (failure: PortMappingFailure): string =>
  `${METHOD_NAMES[failure.method]}: ${showProblem(failure)}`

/** What people call them. */
export const METHOD_NAMES: Readonly<Record<PortMappingMethod, string>> = {
  pcp: 'PCP',
  'nat-pmp': 'NAT-PMP',
  upnp: 'UPnP',
}

const showProblem = (problem: PortMappingProblem): string => {
  switch (problem._tag) {
    case 'NoGateway':
      return 'no gateway known'
    case 'NoAnswer':
      return 'no answer'
    case 'Refused':
      return `refused (${String(problem.code)})`
    case 'BadAnswer':
      return 'an answer that makes no sense'
    case 'Unsendable':
      return `cannot ask (${problem.code})`
  }
}
