import type { Command } from 'commander'

/** What every command but the demonstration takes. */
export interface Common {
  readonly quiet?: true
  readonly json?: true
}

export const common = ({ quiet, json }: Common): { readonly quiet: boolean; readonly json: boolean } => ({
  quiet: quiet === true,
  json: json === true,
})

export const withCommon = (command: Command): Command =>
  command
    .option('--json', 'print one JSON object a line on stdout (docs/cli.md names the fields)')
    .option('-q, --quiet', 'say nothing but errors')
