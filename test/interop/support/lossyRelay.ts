import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createPrng } from '../../../src/operators/random.js'
import type { Lab } from './lab.js'
import { loopback } from './hosts.js'

export interface LossyRelay {
  /** To be dialled in place of the one behind it. */
  readonly port: number
  readonly lost: () => number
}

/** Leads UDP on loopback to a port and back, with a delay, and not all of it. One dialler at a time. */
export const startLossyRelay = async (
  lab: Lab,
  to: number,
  { delayMs, lossChance }: { readonly delayMs: number; readonly lossChance: number },
): Promise<LossyRelay> => {
  const prng = createPrng(29)
  const [front, back] = [createSocket('udp4'), createSocket('udp4')]
  let dialler = 0
  let lost = 0
  let isClosed = false
  lab.defer(() => {
    isClosed = true
    front.close()
    back.close()
  })
  const pass = (socket: Socket, bytes: Uint8Array, port: number): void => {
    if (prng.next() < lossChance) {
      lost++
      return
    }
    setTimeout(() => {
      if (!isClosed) socket.send(bytes, port, loopback.address)
    }, delayMs)
  }
  front.on('message', (bytes, { port }) => {
    dialler = port
    pass(back, bytes, to)
  })
  back.on('message', (bytes) => {
    pass(front, bytes, dialler)
  })
  for (const socket of [front, back]) {
    socket.bind(0, loopback.address)
    await once(socket, 'listening')
  }
  return { port: front.address().port, lost: () => lost }
}
