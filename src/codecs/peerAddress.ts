/** An IP address in text (no brackets around IPv6) and a TCP port. */
export interface PeerAddress {
  readonly host: string
  readonly port: number
}
