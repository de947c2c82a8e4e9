type Direction = 'incoming' | 'outgoing'

/**
 * Which of two connections with one peer to keep. Both ends must come to the same answer without a word: the one that
 * the end with the larger peer id opened; of two in the same direction, the older.
 *
 * @param older - direction of the connection that was there first, as seen from here.
 * @param newer - direction of the second.
 */
export const connectionToKeep = (
  ownId: Uint8Array,
  peerId: Uint8Array,
  older: Direction,
  newer: Direction,
): 'older' | 'newer' => {
  if (older === newer) return 'older'
  const kept: Direction = isLarger(ownId, peerId) ? 'outgoing' : 'incoming'
  return older === kept ? 'older' : 'newer'
}

/** As big-endian numbers of equal length. */
const isLarger = (a: Uint8Array, b: Uint8Array): boolean => {
  const first = a.findIndex((byte, index) => byte !== b[index])
  return first !== -1 && a[first]! > (b[first] ?? -1)
}
