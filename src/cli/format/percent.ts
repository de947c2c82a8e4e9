/** A share (0 to 1) for people: `62.4 %`. Rounded down, so that `100 %` means all of it. */
export const formatPercent = (fraction: number): string =>
  fraction >= 1 ? '100 %' : `${(Math.floor(Math.max(0, fraction) * 1000) / 10).toFixed(1)} %`
