/** Whether the value can be a limit: a number of bytes per second, 0 for nothing, `Infinity` for no limit. */
export const isLimit = (value: unknown): value is number => typeof value === 'number' && value >= 0
