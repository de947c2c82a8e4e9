/** What every command but the demonstration takes. */
export interface Common {
  readonly quiet?: true
  readonly json?: true
}

export const common = ({ quiet, json }: Common): { readonly quiet: boolean; readonly json: boolean } => ({
  quiet: quiet === true,
  json: json === true,
})
