import { asksForHelp } from './asksForHelp.js'

const COMMANDS = ['download', 'seed', 'create', 'info', 'magnet', 'scrape', 'verify', 'dht', 'demo']

/** Whose code is kept together: what the first run of each has called is what the next one will. */
export const codeKind = (argv: ReadonlyArray<string>): string | undefined =>
  asksForHelp(argv) ? 'help' : COMMANDS.find((command) => command === argv[0])
