/** The commands that a help names. */
export const namedIn = (help: string): ReadonlyArray<string> =>
  /\nCommands:\n((?: {2}.*\n?)+)/
    .exec(help)?.[1]
    ?.match(/^ {2}(?=\S)(\w+)/gm)
    ?.map((name) => name.trim()) ?? []
