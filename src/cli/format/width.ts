/** Made when there is a terminal to write on: it takes as long as half of all else that a start does. */
let segmenter: Intl.Segmenter | undefined

const graphemesOf = (text: string): Intl.Segments => {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return segmenter.segment(text)
}

/** What East Asian terminals give two columns to, and emoji. */
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|.\ufe0f)/u

const ZERO = /^[\p{M}\u200b-\u200d\ufe00-\ufe0f]+$/u

const columnsOf = (grapheme: string): number => (ZERO.test(grapheme) ? 0 : WIDE.test(grapheme) ? 2 : 1)

/** Columns that plain text takes on a terminal. */
export const displayWidth = (text: string): number => {
  let width = 0
  for (const { segment } of graphemesOf(text)) width += columnsOf(segment)
  return width
}

/** The text, cut to at most `columns` columns, the last of them `ellipsis` if something is missing. */
export const cutToWidth = (text: string, columns: number, ellipsis: string): string => {
  if (displayWidth(text) <= columns) return text
  let cut = ''
  let width = 0
  for (const { segment } of graphemesOf(text)) {
    width += columnsOf(segment)
    if (width > columns - 1) break
    cut += segment
  }
  return columns < 1 ? '' : cut + ellipsis
}
