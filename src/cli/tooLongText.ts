import { plainText } from './format/plainText.js'

interface TooLong {
  readonly file: string
  readonly expected: number
  readonly actual: number
}

/** A file that goes on behind its end, in one line for people. */
export const tooLongText = ({ file, expected, actual }: TooLong): string => {
  const excess = actual - expected
  return `${plainText(file)} is ${String(excess)} ${excess === 1 ? 'byte' : 'bytes'} too long`
}
