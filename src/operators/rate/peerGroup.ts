/** What is known of a peer when it is put into groups. */
export interface GroupedPeer {
  readonly host: string
  readonly port: number
  /** Client name and version; asked again when the peer says it. */
  readonly client: string
  readonly direction: 'incoming' | 'outgoing'
}

/**
 * Peers that share a limit beside that of their session, by a rule. A peer may be in several groups, and keeps to the
 * limits of them all. `includes` is pure; one that throws includes nobody, and is told of on `alert$`.
 */
export interface GroupRule {
  readonly name: string
  readonly includes: (peer: GroupedPeer) => boolean
}
