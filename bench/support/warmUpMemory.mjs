import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const touch = `const chunks = []
for (let left = Number(process.argv[1]); left > 0; left -= 64) chunks.push(Buffer.alloc(64 * 1024 * 1024, 1))`

/**
 * Touches most of the free memory once. On some virtual machines the first touch of a page is slow, and would be
 * charged to whoever comes first.
 *
 * @param {number} limit MiB
 */
export const warmUpMemory = (limit) => {
  const available = Number(/MemAvailable:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) / 1024
  spawnSync(process.execPath, ['-e', touch, String(Math.min(limit, Math.floor(available * 0.6)))])
}
