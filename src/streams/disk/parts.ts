/** How many bytes `parts` have together. */
export const lengthOf = (parts: ReadonlyArray<Uint8Array>): number =>
  parts.reduce((sum, { length }) => sum + length, 0)

/** Of all bytes of `parts`, one after the other, those from `begin` on, `length` of them. */
export const cutParts = (
  parts: ReadonlyArray<Uint8Array>,
  begin: number,
  length: number,
): ReadonlyArray<Uint8Array> => {
  const out: Uint8Array[] = []
  let at = -begin
  for (const part of parts) {
    const first = Math.max(0, -at)
    const last = Math.min(part.length, length - at)
    if (last > first) out.push(first === 0 && last === part.length ? part : part.subarray(first, last))
    at += part.length
  }
  return out
}
