import { Observable, of } from 'rxjs'
import { expect } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { fromUtf8, toUtf8 } from '../../../../src/codecs/bytes.js'
import { encodePcpMap } from '../../../../src/codecs/portMapping/pcp.js'
import { showGatewayUrl } from '../../../../src/codecs/portMapping/gatewayUrl.js'
import type { Datagram, DatagramSocket } from '../../../../src/streams/deps.js'
import { mapPorts } from '../../../../src/streams/portMapping/mapPorts.js'
import type { GatewayHttp, PortMappingDeps } from '../../../../src/streams/portMapping/portMappingDeps.js'
import type { PortMappingState, PortToMap } from '../../../../src/streams/portMapping/portMappingState.js'
import { createVirtualClock, type VirtualClock } from '../../../../src/streams/virtual/clock.js'
import { createVirtualDatagrams } from '../../../../src/streams/virtual/datagrams.js'
import { createVirtualRandom } from '../../../../src/streams/virtual/random.js'

export const GATEWAY = '192.168.1.1'
export const OWN = '192.168.1.2'

/** A network with a gateway, which does what a test wants it to. */
export interface GatewayLab {
  readonly clock: VirtualClock
  readonly deps: PortMappingDeps
  /** Answers what comes to the gateway at port 5351. */
  readonly onControl: (answer: (bytes: Uint8Array) => Uint8Array | undefined) => void
  /** Answers searches, from that address. */
  readonly onSearch: (from: string, answer: string) => void
  /** Answers over HTTP, and notes what was asked. */
  readonly onHttp: (answer: (url: string, body: string) => HttpAnswer) => void
  readonly asked: string[]
  readonly openPorts: () => number
}

/** A body, with its status if that is not 200; or the code of a failure. */
export type HttpAnswer =
  string | { readonly status: number; readonly body: string } | { readonly code: string }

export const gatewayLab = (changes: Partial<PortMappingDeps> = {}): GatewayLab => {
  const clock = createVirtualClock()
  const net = createVirtualDatagrams({ clock, seed: 1, latencyMs: 1 })
  const asked: string[] = []
  let answerHttp: (url: string, body: string) => HttpAnswer = () => ({ code: 'ECONNREFUSED' })

  const listen = (
    address: string,
    port: number,
    group: string | undefined,
    onDatagram: (datagram: Datagram, socket: DatagramSocket) => void,
  ): void => {
    net
      .host([address])
      .bind({ port, family: 4, ...(group === undefined ? {} : { multicast: { group } }) })
      .subscribe({
        next: (bound) => {
          if (E.isLeft(bound)) expect.unreachable()
          else hear(bound.right, onDatagram)
        },
        error: expect.unreachable,
      })
    clock.advanceBy(0)
  }
  const hear = (
    socket: DatagramSocket,
    onDatagram: (datagram: Datagram, socket: DatagramSocket) => void,
  ): void => {
    socket.datagram$.subscribe({
      next: (datagram) => {
        onDatagram(datagram, socket)
      },
      error: expect.unreachable,
    })
  }

  const http: GatewayHttp = (url, call) =>
    new Observable((subscriber) => {
      const body = call === undefined ? '' : fromUtf8(call.body)
      const answer = answerHttp(showGatewayUrl(url), body)
      asked.push(`${showGatewayUrl(url)} ${actionIn(body)}`.trim())
      return clock.schedule(() => {
        subscriber.next(
          typeof answer === 'string'
            ? E.right({ status: 200, body: toUtf8(answer) })
            : 'code' in answer
              ? E.left(answer.code)
              : E.right({ status: answer.status, body: toUtf8(answer.body) }),
        )
        subscriber.complete()
      }, 5)
    })

  return {
    clock,
    asked,
    deps: {
      datagrams: net.host([OWN]),
      clock,
      random: createVirtualRandom(1),
      gateway: () => of(O.some(GATEWAY)),
      ownAddress: () => O.some(OWN),
      http,
      ...changes,
    },
    onControl: (answer) => {
      listen(GATEWAY, 5_351, undefined, ({ from, bytes }, { send }) => {
        const answered = answer(bytes)
        if (answered !== undefined) send(answered, from)
      })
    },
    onSearch: (address, answer) => {
      listen(address, 1_900, '239.255.255.250', ({ from }, { send }) => {
        send(toUtf8(answer), from)
      })
    },
    onHttp: (answer) => {
      answerHttp = answer
    },
    openPorts: () => net.openPorts(OWN),
  }
}

const actionIn = (body: string): string => {
  const [, action = ''] = /<u:(\w+)/.exec(body) ?? []
  const args = [...body.matchAll(/<(New(?:ExternalPort|InternalClient|LeaseDuration))>([^<]*)</g)]
  return [action, ...args.map(([, , value]) => value)].join(' ').trim()
}

export interface Watched {
  readonly states: PortMappingState[]
  readonly stop: () => void
}

export const watch = (deps: PortMappingDeps, ports: ReadonlyArray<PortToMap>): Watched => {
  const states: PortMappingState[] = []
  const subscription = mapPorts(deps, ports).subscribe({
    next: (state) => states.push(state),
    error: expect.unreachable,
    complete: expect.unreachable,
  })
  return {
    states,
    stop: () => {
      subscription.unsubscribe()
    },
  }
}

export const tags = ({ states }: Watched): ReadonlyArray<string> =>
  states.map((state) => (state._tag === 'Mapped' ? `${state._tag} ${state.method}` : state._tag))

/** What a gateway with PCP answers to a MAP request, as it granted it. */
export const grantPcp = (
  question: Uint8Array,
  { externalPort, lifetime }: { readonly externalPort?: number; readonly lifetime?: number } = {},
): Uint8Array => {
  const bytes = question.slice()
  const view = new DataView(bytes.buffer)
  bytes[1] = 0x81
  bytes.fill(0, 8, 24)
  if (externalPort !== undefined) view.setUint16(42, externalPort)
  if (lifetime !== undefined && view.getUint32(4) !== 0) view.setUint32(4, lifetime)
  bytes.set(encodePcpMap({ ...ANY, client: '203.0.113.7' }).subarray(8, 24), 44)
  return bytes
}

const ANY = {
  nonce: new Uint8Array(12),
  protocol: 'tcp',
  internalPort: 0,
  externalPort: 0,
  lifetimeSeconds: 0,
} as const

/** What a gateway with NAT-PMP answers. */
export const grantNatPmp = (question: Uint8Array, lifetime?: number): Uint8Array => {
  if (question[1] === 0) return Uint8Array.of(0, 128, 0, 0, 0, 0, 0, 1, 203, 0, 113, 7)
  const bytes = Uint8Array.of(0, 128 + question[1]!, 0, 0, 0, 0, 0, 1, ...question.subarray(4))
  if (lifetime !== undefined) new DataView(bytes.buffer).setUint32(12, lifetime)
  return bytes
}

export const ssdpAnswer = (location: string): string =>
  `HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\nLOCATION: ${location}\r\n\r\n`

export const igdDescription = (control = '/ctl'): string =>
  `<?xml version="1.0"?><root><device><serviceList><service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><controlURL>${control}</controlURL></service></serviceList></device></root>`

export const soap = (action: string, values = ''): string =>
  `<s:Envelope xmlns:s="x"><s:Body><u:${action}Response>${values}</u:${action}Response></s:Body></s:Envelope>`

export const soapFault = (code: number): HttpAnswer => ({
  status: 500,
  body: `<s:Envelope xmlns:s="x"><s:Body><s:Fault><detail><UPnPError><errorCode>${String(code)}</errorCode></UPnPError></detail></s:Fault></s:Body></s:Envelope>`,
})
