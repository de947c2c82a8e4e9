import type { Metainfo } from '../index.js'

/** One part of a `--select`. */
export type FileChoice =
  /** Numbers as `info` shows them: from 1, pad files left out, both ends included. */
  | { readonly _tag: 'Numbers'; readonly first: number; readonly last: number }
  /** A pattern for paths, below the torrent's own folder or from it on. */
  | { readonly _tag: 'Pattern'; readonly text: string; readonly matches: RegExp }

const LONGEST_PATTERN = 1_000

/** `1-3,5,*.mkv`: numbers, ranges (`4-` goes to the end) and patterns; undefined where it is none of those. */
export const parseFileChoices = (text: string): ReadonlyArray<FileChoice> | undefined => {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const choices = parts.map(parseOne)
  return choices.length > 0 && choices.every((choice) => choice !== undefined) ? choices : undefined
}

const parseOne = (text: string): FileChoice | undefined => {
  const [range, from = '', dash, to = ''] = /^(\d{1,7})(?:(-)(\d{1,7})?)?$/.exec(text) ?? []
  if (range === undefined) {
    return text.length > LONGEST_PATTERN ? undefined : { _tag: 'Pattern', text, matches: patternOf(text) }
  }
  const first = Number(from)
  const last = dash === undefined ? first : to === '' ? Infinity : Number(to)
  return first >= 1 && last >= first ? { _tag: 'Numbers', first, last } : undefined
}

/** `*` and `?` stay within a name, `**` does not; a pattern without a slash is one for names, in whatever folder. */
const patternOf = (text: string): RegExp => {
  const body = text.replace(/\*\*\/?|\*|\?|[^*?]+/g, (token) => {
    if (token === '**/') return '(?:[^/]+/)*'
    if (token === '**') return '.*'
    if (token === '*') return '[^/]*'
    if (token === '?') return '[^/]'
    return token.replace(/[\\^$.|+()[\]{}]/g, '\\$&')
  })
  return new RegExp(text.includes('/') ? `^${body}$` : `^(?:.*/)?${body}$`, 'iu')
}

export interface Chosen {
  /** By index in `metainfo.files`. */
  readonly isChosen: ReadonlyArray<boolean>
  /** What chose nothing, as it was written. */
  readonly futile: ReadonlyArray<string>
}

/** Which files of a torrent are meant. */
export const chooseFiles = ({ files }: Metainfo, choices: ReadonlyArray<FileChoice>): Chosen => {
  const numbers: number[] = []
  let count = 0
  for (const file of files) numbers.push(file.isPad ? 0 : ++count)
  const takes = (choice: FileChoice, index: number): boolean => {
    const number = numbers[index] ?? 0
    const path = files[index]?.path ?? []
    if (number === 0) return false
    return choice._tag === 'Numbers'
      ? number >= choice.first && number <= choice.last
      : choice.matches.test(path.slice(1).join('/')) || choice.matches.test(path.join('/'))
  }
  return {
    isChosen: files.map((_, index) => choices.some((choice) => takes(choice, index))),
    futile: choices.filter((choice) => !files.some((_, index) => takes(choice, index))).map(choiceText),
  }
}

/** The numbers of files as `--select` takes them; empty for none. */
export const choiceOf = ({ files }: Pick<Metainfo, 'files'>, isChosen: ReadonlyArray<boolean>): string => {
  const ranges: { readonly _tag: 'Numbers'; readonly first: number; last: number }[] = []
  let number = 0
  files.forEach(({ isPad }, index) => {
    if (isPad) return
    number += 1
    if (isChosen[index] !== true) return
    const range = ranges.at(-1)
    if (range?.last === number - 1) range.last = number
    else ranges.push({ _tag: 'Numbers', first: number, last: number })
  })
  return ranges.map(choiceText).join(',')
}

/** As it may be written. */
export const choiceText = (choice: FileChoice): string => {
  if (choice._tag === 'Pattern') return choice.text
  const { first, last } = choice
  return first === last ? String(first) : `${String(first)}-${last === Infinity ? '' : String(last)}`
}
