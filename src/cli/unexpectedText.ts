import { plainText } from './format/plainText.js'

/** A thrown value, in one line for people. */
export const unexpectedText = (error: unknown): string =>
  `unexpected: ${plainText(error instanceof Error ? error.message : String(error))}`
