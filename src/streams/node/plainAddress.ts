/** `::ffff:192.0.2.1`, an IPv4 peer seen through a dual-stack socket, is `192.0.2.1`. */
export const plainAddress = (address: string): string =>
  /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice('::ffff:'.length) : address
