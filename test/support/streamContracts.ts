import { readFileSync } from 'node:fs'

/** One line of docs/streams.md. */
export interface StreamContract {
  readonly stream: string
  readonly late: string
  readonly value: string
  readonly emitted: string
  readonly completes: string
}

/** The lines of the table under a heading of docs/streams.md. */
export const contractsOf = (heading: string): ReadonlyArray<StreamContract> => {
  const text = readFileSync(new URL('../../docs/streams.md', import.meta.url), 'utf8')
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [stream = '', late = '', value = '', emitted = '', completes = ''] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
      return { stream: stream.replaceAll('`', ''), late, value, emitted, completes }
    })
}
