import type { Command } from 'commander'

export const withCommon = (command: Command): Command =>
  command
    .option('--json', 'print one JSON object a line on stdout (docs/cli.md names the fields)')
    .option('-q, --quiet', 'say nothing but errors')
