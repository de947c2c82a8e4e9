const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const

/** A size for people, in binary units: `512 B`, `1.5 KiB`, `48.0 MiB`. Never more than ten characters. */
export const formatBytes = (bytes: number): string => {
  let value = bytes
  let unit = 0
  // What would be rounded to 1024.0 is told in the next unit.
  while (value >= 1023.95 && unit < UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? String(Math.floor(value)) : value.toFixed(1)} ${UNITS[unit] ?? ''}`
}

/** Bytes per second for people: `12.3 MiB/s`. */
export const formatRate = (bytesPerSecond: number): string => `${formatBytes(bytesPerSecond)}/s`
