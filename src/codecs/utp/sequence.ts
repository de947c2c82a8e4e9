/** Sequence numbers of uTP are counted modulo 2¹⁶: which of two comes first is a matter of the shorter way. */
export const SEQUENCE_MASK = 0xffff

/** How many steps it is forwards from `from` to `to`, 0 to 65 535. */
export const stepsTo = (from: number, to: number): number => (to - from) & SEQUENCE_MASK

/** Whether `a` comes before `b`, by the shorter way. */
export const isBefore = (a: number, b: number): boolean => {
  const steps = stepsTo(a, b)
  return steps !== 0 && steps < 0x8000
}
