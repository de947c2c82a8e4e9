// Prints `passed failed skipped` of a vitest run: from its JSON report, or from the summary that it prints.
import { existsSync, readFileSync } from 'node:fs'

const [, , form, file] = process.argv

const fromJson = (text) => {
  const report = JSON.parse(text)
  return [report.numPassedTests, report.numFailedTests, report.numPendingTests + report.numTodoTests]
}

const fromText = (text) => {
  const summary = text.match(/^\s*Tests\s.*$/gm)?.at(-1) ?? ''
  const count = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(summary)?.[1] ?? 0)
  return [count('passed'), count('failed'), count('skipped') + count('todo')]
}

const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
console.log((text === '' ? [0, 0, 0] : form === 'json' ? fromJson(text) : fromText(text)).join(' '))
