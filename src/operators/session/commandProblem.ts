import { isLimit } from '../rate/limit.js'
import type { SessionCommand } from './command.js'

type Fields = Readonly<Record<string, unknown>>
/** Whether the command is well formed, or in words what is wrong with it. */
type Check = (fields: Fields) => boolean | string

const isNumber = (value: unknown): boolean => typeof value === 'number'
const isInteger = (value: unknown): boolean => Number.isSafeInteger(value)
const isText = (value: unknown): boolean => typeof value === 'string'
const isOneOf =
  (...values: ReadonlyArray<unknown>) =>
  (value: unknown): boolean =>
    values.includes(value)
const isListOf =
  (isElement: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(isElement)
const isAddress = (value: unknown): boolean =>
  isRecord(value) && isText(value['host']) && isNumber(value['port'])
const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null

const areLimits = ({ down, up }: Fields): boolean | string => {
  const bad = [down, up].find((rate) => !isLimit(rate))
  return [down, up].every(isLimit) || `${String(bad)} is not a number of bytes per second`
}

/** What each command must look like for the fold to look at it; whether it makes sense is for the fold to say. */
const checks = {
  Stop: () => true,
  SetDesired: ({ desired }: Fields) => isOneOf('running', 'paused', 'stopped')(desired),
  AddPeers: ({ peers }: Fields) => isListOf(isAddress)(peers),
  Ban: ({ host }: Fields) => isText(host),
  SetDhtPort: ({ port }: Fields) => isInteger(port),
  SetExternalPort: ({ protocol, port }: Fields) => isOneOf('tcp', 'udp')(protocol) && isInteger(port),
  ReportDhtFailure: ({ family, code }: Fields) => (family === 4 || family === 6) && isText(code),
  AddTrackers: ({ urls }: Fields) => isListOf(isText)(urls),
  RemoveTracker: ({ url }: Fields) => isText(url),
  SetPriorities: ({ priorities }: Fields) => isListOf(isNumber)(priorities),
  SetWindow: ({ id, first, last }: Fields) => isInteger(id) && isNumber(first) && isNumber(last),
  ClearWindow: ({ id }: Fields) => isInteger(id),
  ReportGone: ({ piece, file, isWholeFile }: Fields) =>
    isInteger(piece) && isText(file) && typeof isWholeFile === 'boolean',
  SetBlockLength: ({ blockLength }: Fields) => isNumber(blockLength),
  SetConnectionLimits: ({ connections, unchokeSlots }: Fields) =>
    isNumber(connections) && isNumber(unchokeSlots),
  SetMemory: ({ bytes }: Fields) => isInteger(bytes) && Number(bytes) >= 0,
  SetLimits: ({ scope, down, up }: Fields) => isOneOf('session', 'client')(scope) && areLimits({ down, up }),
  SetGroupLimits: ({ group, down, up }: Fields) => isText(group) && areLimits({ down, up }),
  Recheck: ({ id }: Fields) => isInteger(id),
  CancelRecheck: ({ id }: Fields) => isInteger(id),
  ReleaseHandles: () => true,
  MoveStorage: ({ id, directory }: Fields) => isInteger(id) && isText(directory) && directory !== '',
  CancelMove: ({ id }: Fields) => isInteger(id),
  RenameFile: ({ id, file, path }: Fields) => isInteger(id) && isInteger(file) && isListOf(isText)(path),
  RemoveData: ({ id }: Fields) => isInteger(id),
  SaveResume: () => true,
  ReportFailure: ({ policy, message }: Fields) =>
    isOneOf('limits', 'stream', 'source')(policy) && isText(message),
}

const byTag: Readonly<Record<SessionCommand['_tag'], Check>> = checks

/** What is wrong with the form of a command, which may be anybody's; undefined where nothing is. */
export const commandProblem = (command: unknown): string | undefined => {
  if (!isRecord(command)) return 'a command that is no object'
  const tag = command['_tag']
  if (typeof tag !== 'string' || !Object.hasOwn(byTag, tag)) return 'a command that there is not'
  const answer = byTag[tag as SessionCommand['_tag']](command)
  if (typeof answer === 'string') return answer
  return answer ? undefined : `a malformed ${tag}`
}
