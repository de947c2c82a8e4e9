// Runs every example after they have been compiled; fails where one fails.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'

const compiled = new URL('./.build/', import.meta.url)
const names = readdirSync(compiled).filter((name) => name.endsWith('.js'))
let failed = 0
for (const name of names) {
  console.log(`\n== ${name.replace('.js', '.ts')}`)
  const { status } = spawnSync(process.execPath, [new URL(name, compiled).pathname], { stdio: 'inherit' })
  if (status !== 0) failed++
}
console.log(`\n${String(names.length - failed)} passed, ${String(failed)} failed`)
process.exitCode = failed > 0 || names.length === 0 ? 1 : 0
