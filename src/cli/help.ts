import * as E from '#fp/Either'
import { answer } from './answer.js'
import { fixedTexts } from './fixedTexts.js'
import { HELP_WIDTH, helpWidth } from './helpWidth.js'

const SHORT: Readonly<Record<string, string>> = { '-h': '--help', '-V': '--version' }

/** `--help` and `--version`, of what needs no parser; all else is left to it. */
export const help = async (argv: ReadonlyArray<string>): Promise<void> => {
  const text = fixedText(argv)
  if (text === undefined || helpWidth() < HELP_WIDTH) {
    const { commandLine } = await import('./commandLine.js')
    await commandLine(argv)
  } else answer(E.right(text))
}

/** Undefined where it takes the parser to tell what is meant. */
export const fixedText = (argv: ReadonlyArray<string>): string | undefined => {
  const asked = JSON.stringify(argv.map((word) => SHORT[word] ?? word))
  return Object.hasOwn(fixedTexts, asked) ? fixedTexts[asked] : undefined
}
