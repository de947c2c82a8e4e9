import type { Socket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import * as A from '#fp/Array'
import * as E from '#fp/Either'
import type { BindOptions } from '../deps.js'

/** Nothing of ours is for another network than the one that the machine is on. */
const LOCAL_NETWORK = 1

/**
 * Listens to a multicast group: on the interface that is named, from which is sent as well; or on every one, and sends
 * from where the system chooses. What is sent comes to the programs of this machine too. Throws as the socket does.
 */
export const joinGroup = (
  socket: Socket,
  family: 4 | 6,
  { group, interface: named }: NonNullable<BindOptions['multicast']>,
): void => {
  socket.setMulticastTTL(LOCAL_NETWORK)
  socket.setMulticastLoopback(true)
  if (named !== undefined) {
    socket.addMembership(group, named)
    socket.setMulticastInterface(named)
    return
  }
  const joins = interfaces(family).map((each) =>
    E.tryCatch(() => {
      socket.addMembership(group, each)
    }, String),
  )
  // Some interfaces have no multicast; where none has, the system says why.
  if (A.rights(joins).length === 0) socket.addMembership(group)
}

/** Each once: the first address of it for IPv4, `::%name` for IPv6. */
const interfaces = (family: 4 | 6): ReadonlyArray<string> =>
  Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) => {
    const own = addresses.find((entry) => entry.family === `IPv${String(family)}`)
    if (own === undefined) return []
    return [family === 4 ? own.address : `::%${name}`]
  })
