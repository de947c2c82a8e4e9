/** A number and its noun: `1 peer`, `2 peers`. */
export const formatCount = (count: number, noun: string): string =>
  `${String(count)} ${noun}${count === 1 ? '' : 's'}`
