import type { SessionCommand } from './command.js'

type Fields = Readonly<Record<string, unknown>>
type Check = (fields: Fields) => boolean

const isInteger = (value: unknown): boolean => Number.isSafeInteger(value)
const isText = (value: unknown): boolean => typeof value === 'string'
/** Bytes per second; `Infinity` is no limit. */
const isRate = (value: unknown): boolean => typeof value === 'number' && value >= 0
const isOneOf =
  (...values: ReadonlyArray<unknown>) =>
  (value: unknown): boolean =>
    values.includes(value)
const isListOf =
  (isElement: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(isElement)
const isAddress = (value: unknown): boolean =>
  isRecord(value) && isText(value['host']) && isInteger(value['port'])
const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/** What each command must look like for the fold to look at it; whether it makes sense is for the fold to say. */
const checks = {
  Stop: () => true,
  SetDesired: ({ desired }: Fields) => isOneOf('running', 'paused', 'stopped')(desired),
  AddPeers: ({ peers }: Fields) => isListOf(isAddress)(peers),
  Ban: ({ host }: Fields) => isText(host),
  AddTrackers: ({ urls }: Fields) => isListOf(isText)(urls),
  RemoveTracker: ({ url }: Fields) => isText(url),
  SetPriorities: ({ priorities }: Fields) => isListOf(isInteger)(priorities),
  SetWindow: ({ id, first, last }: Fields) => [id, first, last].every(isInteger),
  ClearWindow: ({ id }: Fields) => isInteger(id),
  ReportGone: ({ piece, file }: Fields) => isInteger(piece) && isText(file),
  SetBlockLength: ({ blockLength }: Fields) => isInteger(blockLength),
  SetConnectionLimits: ({ connections, unchokeSlots }: Fields) =>
    isInteger(connections) && isInteger(unchokeSlots),
  SetLimits: ({ scope, down, up }: Fields) =>
    isOneOf('session', 'client')(scope) && isRate(down) && isRate(up),
  SetGroupLimits: ({ group, down, up }: Fields) => isText(group) && isRate(down) && isRate(up),
  Recheck: ({ id }: Fields) => isInteger(id),
  CancelRecheck: ({ id }: Fields) => isInteger(id),
  ReleaseHandles: () => true,
  MoveStorage: ({ id, directory }: Fields) => isInteger(id) && isText(directory),
  CancelMove: ({ id }: Fields) => isInteger(id),
  RenameFile: ({ id, file, path }: Fields) => isInteger(id) && isInteger(file) && isListOf(isText)(path),
  RemoveData: ({ id }: Fields) => isInteger(id),
  SaveResume: () => true,
  ReportFailure: ({ policy, message }: Fields) => isOneOf('limits', 'stream')(policy) && isText(message),
}

const byTag: Readonly<Record<SessionCommand['_tag'], Check>> = checks

/** What is wrong with a command that comes from somebody else's code; undefined where nothing is. */
export const commandProblem = (command: unknown): string | undefined => {
  if (!isRecord(command)) return 'a command that is no object'
  const tag = command['_tag']
  if (typeof tag !== 'string' || !Object.hasOwn(byTag, tag)) return 'a command that there is not'
  return byTag[tag as SessionCommand['_tag']](command) ? undefined : `a malformed ${tag}`
}
