import { until } from './until.js'
import { whileRunning, type RunningProcess } from './runProcess.js'

/** A line of output that is a JSON object with a name. */
export interface JsonEvent {
  readonly event: string
  readonly [field: string]: unknown
}

const isEvent = (value: unknown): value is JsonEvent =>
  typeof value === 'object' && value !== null && 'event' in value && typeof value.event === 'string'

const parse = (line: string): JsonEvent | undefined => {
  if (!line.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(line)
    return isEvent(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The events written so far by a program that prints one JSON object a line. */
export const jsonEvents = (process: RunningProcess): ReadonlyArray<JsonEvent> =>
  process.lines.map(parse).filter((event) => event !== undefined)

/** Waits for an event by name, and by what it says if `accept` is given. */
export const untilEvent = (
  process: RunningProcess,
  name: string,
  accept: (event: JsonEvent) => boolean = () => true,
  seconds = 90,
): Promise<JsonEvent> =>
  until(() => jsonEvents(process).find((event) => event.event === name && accept(event)), {
    what: `"${name}" from ${process.label}`,
    seconds,
    hopeless: whileRunning(process),
  })

/** Waits until a client says which port it took. */
export const untilListening = async (process: RunningProcess): Promise<number> =>
  Number((await untilEvent(process, 'listening'))['port'])
