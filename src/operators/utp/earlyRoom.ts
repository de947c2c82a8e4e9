/** What packets that came early take, in all connections of a port together. Mutable; written only through `inbox.ts`. */
export interface EarlyRoom {
  bytes: number
}

export const createEarlyRoom = (): EarlyRoom => ({ bytes: 0 })
