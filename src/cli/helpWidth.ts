/** Columns at which help is wrapped: longer lines are harder to read. Examples are not wrapped. */
export const HELP_WIDTH = 80

/** Fewer on a terminal that has fewer; one that does not tell (0) is taken to have them. */
export const helpWidth = (): number => Math.min(process.stdout.columns || HELP_WIDTH, HELP_WIDTH)
