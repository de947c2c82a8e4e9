import { exitCode } from './exitCode.js'
import { jsonLine } from './format/plainText.js'
import { data, type End, type Output } from './output.js'

/** The last word; where it is not that all is well, programs read it as an event too. */
export const failed = (last: End, json: boolean): ReadonlyArray<Output> =>
  json && last.code !== exitCode.done ? [data(jsonLine(errorEvent(last))), last] : [last]

/** Why a command ends. */
export const errorEvent = ({ code, text }: End): object => ({ event: 'error', exitCode: code, message: text })
