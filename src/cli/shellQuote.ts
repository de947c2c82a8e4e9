import { plainText } from './format/plainText.js'

/** An argument as one would type it into a POSIX shell, fit to be shown. */
export const shellQuote = (argument: string): string => {
  const text = plainText(argument)
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
