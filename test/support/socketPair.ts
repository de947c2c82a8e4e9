import { expect } from 'vitest'
import * as E from '#fp/Either'
import type { PeerSocket } from '../../src/streams/deps.js'
import {
  createVirtualClock,
  createVirtualNetwork,
  type VirtualClock,
  type VirtualLink,
  type VirtualNetwork,
  type VirtualNetworkOptions,
} from '../../src/streams/virtual/index.js'

export interface SocketPair {
  readonly clock: VirtualClock
  readonly network: VirtualNetwork
  readonly near: PeerSocket
  readonly far: PeerSocket
  /** Ends the dial and the listening. */
  readonly release: () => void
}

/** Two hosts of a virtual network, `near` and `far`, with one open connection. The clock stands after the handshake. */
export const socketPair = (
  options: Partial<VirtualNetworkOptions> = {},
  links: { readonly near?: VirtualLink; readonly far?: VirtualLink } = {},
): SocketPair => {
  const clock = createVirtualClock()
  const network = createVirtualNetwork({ clock, seed: 1, latencyMs: 10, ...options })
  const sockets: { near?: PeerSocket; far?: PeerSocket } = {}
  const listening = network
    .host('far', links.far)
    .listen({ port: 1 })
    .subscribe({
      next: (event) => {
        if (E.isRight(event) && event.right._tag === 'Accepted') sockets.far = event.right.socket
      },
      error: expect.unreachable,
    })
  const dialling = network
    .host('near', links.near)
    .connect({ host: 'far', port: 1 })
    .subscribe({
      next: (answer) => {
        if (E.isRight(answer)) sockets.near = answer.right
      },
      error: expect.unreachable,
    })
  clock.run(() => sockets.near !== undefined)
  const { near, far } = sockets
  if (near === undefined || far === undefined) throw new Error('no connection')
  return {
    clock,
    network,
    near,
    far,
    release: () => {
      dialling.unsubscribe()
      listening.unsubscribe()
    },
  }
}
