import type { AddressLength } from '../../codecs/compactPeers.js'

/**
 * Announced peers of one torrent and one address family, packed: there may be a million in a node, and as objects each
 * would cost 250 bytes instead of 15.
 *
 * Mutable, for one owner; written only through the functions of this file.
 */
export interface PeerList {
  /** Bytes of an address with its port, as in BEP 23. */
  readonly stride: number
  readonly max: number
  addresses: Uint8Array
  seenAt: Float64Array
  seeds: Uint8Array
  length: number
}

export const createPeerList = (addressLength: AddressLength, max: number): PeerList => ({
  stride: addressLength + 2,
  max,
  addresses: new Uint8Array(0),
  seenAt: new Float64Array(0),
  seeds: new Uint8Array(0),
  length: 0,
})

/** Adds a peer, or notes that it was seen again. In a full list it takes the place of the one not seen for longest. */
export const putPeer = (list: PeerList, address: Uint8Array, isSeed: boolean, now: number): void => {
  let index = find(list, address)
  if (index === -1) {
    index = list.length < list.max ? list.length++ : oldest(list)
    if (index >= list.seenAt.length) grow(list)
    list.addresses.set(address, index * list.stride)
  }
  list.seenAt[index] = now
  list.seeds[index] = isSeed ? 1 : 0
}

/** Forgets those that have not been seen since. */
export const dropBefore = (list: PeerList, time: number): void => {
  for (let i = list.length - 1; i >= 0; i--) {
    if (list.seenAt[i]! >= time) continue
    const last = --list.length
    list.addresses.copyWithin(i * list.stride, last * list.stride, (last + 1) * list.stride)
    list.seenAt[i] = list.seenAt[last]!
    list.seeds[i] = list.seeds[last]!
  }
}

/** Address and port of one peer: a view, which the next change makes untrue. */
export const addressAt = ({ addresses, stride }: PeerList, index: number): Uint8Array =>
  addresses.subarray(index * stride, (index + 1) * stride)

const find = (list: PeerList, address: Uint8Array): number => {
  const { addresses, stride, length } = list
  for (let i = 0, at = 0; i < length; i++, at += stride) {
    let same = 0
    while (same < stride && addresses[at + same] === address[same]) same++
    if (same === stride) return i
  }
  return -1
}

const oldest = ({ seenAt, length }: PeerList): number => {
  let index = 0
  for (let i = 1; i < length; i++) if (seenAt[i]! < seenAt[index]!) index = i
  return index
}

const grow = (list: PeerList): void => {
  const capacity = Math.min(Math.max(4, 2 * list.seenAt.length), list.max)
  const { addresses, seenAt, seeds } = list
  list.addresses = new Uint8Array(capacity * list.stride)
  list.seenAt = new Float64Array(capacity)
  list.seeds = new Uint8Array(capacity)
  list.addresses.set(addresses)
  list.seenAt.set(seenAt)
  list.seeds.set(seeds)
}
