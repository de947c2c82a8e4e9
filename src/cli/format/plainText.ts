export { plainText } from '../../index.js'

/** What `plainText` writes out. */
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

const jsonEscape = (character: string): string => {
  let escaped = ''
  for (let index = 0; index < character.length; index += 1)
    escaped += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`
  return escaped
}

/** JSON on one line, in which nothing can steer a terminal either; it parses back to the same value. */
export const jsonLine = (value: object): string => JSON.stringify(value).replace(UNSAFE, jsonEscape)
