/** Or for the version: what is answered without doing anything. */
export const asksForHelp = (argv: ReadonlyArray<string>): boolean =>
  ['--help', '-h', '--version', '-V'].includes(argv.at(-1) ?? '')
