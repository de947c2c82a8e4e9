/**
 * An IP address in text (no brackets around IPv6) and a TCP port. Of a web seed of the torrent (BEP 17, 19) the host is
 * `webseed://HOST/NUMBER`.
 */
export interface PeerAddress {
  readonly host: string
  readonly port: number
}
