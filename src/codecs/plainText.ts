/** Controls, format characters (bidirectional overrides among them), line separators and lone surrogates. */
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** Most texts are: making the other pattern takes half a millisecond. */
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/

/**
 * A stranger's text, safe to print on a terminal or in a log: what could steer it is written out, as `\u{1b}`.
 *
 * @example
 * ```ts
 * plainText('a\u001b[2Jb') // 'a\\u{1b}[2Jb'
 * ```
 */
export const plainText = (text: string): string =>
  PRINTABLE_ASCII.test(text) ? text : text.replace(UNSAFE, writtenOut)

const writtenOut = (character: string): string =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}}`
