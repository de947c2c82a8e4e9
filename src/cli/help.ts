import * as E from '#fp/Either'
import { answer, isOnTerminal } from './answer.js'
import { fixedTexts } from './fixedTexts.js'
import { HELP_WIDTH, helpWidth } from './helpWidth.js'

const LONG = new Map([
  ['-h', '--help'],
  ['-V', '--version'],
])

/** `--help` and `--version`, of what needs no parser; all else is left to it. */
export const help = async (argv: ReadonlyArray<string>): Promise<void> => {
  const text = fixedText(argv)
  if (text !== undefined && hasRoomFor(text)) answer(E.right(text))
  else await (await import('./commandLine.js')).commandLine(argv)
}

const hasRoomFor = (text: string): boolean =>
  !isOnTerminal() || !text.includes('\n') || helpWidth() >= HELP_WIDTH

/** Undefined where it takes the parser to tell what is meant. */
export const fixedText = (argv: ReadonlyArray<string>): string | undefined => {
  const asked = JSON.stringify(argv.map((word) => LONG.get(word) ?? word))
  return Object.hasOwn(fixedTexts, asked) ? fixedTexts[asked] : undefined
}
