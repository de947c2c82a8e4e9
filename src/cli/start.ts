import { asksForHelp } from './asksForHelp.js'
import { exitCode } from './exitCode.js'
import { plainArgs } from './plainArgs.js'
import { show } from './show.js'
import { unexpectedText } from './unexpectedText.js'

process.on('uncaughtException', (error) => {
  process.stderr.write(`rxtorrent: ${unexpectedText(error)}\n`)
  process.exit(exitCode.unexpected)
})

const argv = process.argv.slice(2)
const action = plainArgs(argv)

// Not awaited: as CommonJS this file can't.
if (action !== undefined) void show(action)
else if (asksForHelp(argv)) void import('./help.js').then(({ help }) => help(argv))
else void import('./commandLine.js').then(({ commandLine }) => commandLine(argv))
