/**
 * The engine's hot spots on their own, without a network or a disk. Needs `npm run build`.
 *
 * usage: node bench/kernels.mjs [--json] [--time MS] [--iterations N] [NAME…], where NAME is part of a kernel's name
 */
import { parseArgs } from 'node:util'
import { Bench } from 'tinybench'
import { foldKernels } from './kernels/fold.mjs'
import { frameDecoderKernels } from './kernels/frameDecoder.mjs'
import { metainfoKernels } from './kernels/metainfo.mjs'
import { pickerKernels } from './kernels/picker.mjs'

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    time: { type: 'string', default: '1000' },
    iterations: { type: 'string', default: '64' },
  },
})

const all = (
  await Promise.all([frameDecoderKernels(), foldKernels(), pickerKernels(), metainfoKernels()])
).flat()
const kernels = all.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))

// The longest kernels take a second: how often, at least, is most of what a run takes.
const iterations = Number(options.iterations)
const warmupIterations = Math.min(16, iterations)
const bench = new Bench({
  time: Number(options.time),
  iterations,
  warmupTime: 200,
  warmupIterations,
  throws: true,
})
for (const { name, run, before } of kernels) {
  bench.add(name, run, before === undefined ? {} : { beforeEach: before })
}
await bench.run()

const results = kernels.map(({ name, count, unit }) => {
  const result = bench.getTask(name)?.result
  if (result === undefined || !('latency' in result)) throw new Error(`${name} has no result`)
  const nanoseconds = (result.latency.p50 * 1e6) / count
  return { name, unit, nanoseconds, perSecond: 1e9 / nanoseconds, samples: result.latency.samplesCount }
})

/** @param {number} nanoseconds */
const duration = (nanoseconds) => {
  if (nanoseconds < 1e3) return `${nanoseconds.toFixed(0)} ns`
  return nanoseconds < 1e6 ? `${(nanoseconds / 1e3).toFixed(1)} µs` : `${(nanoseconds / 1e6).toFixed(1)} ms`
}

if (options.json) console.log(JSON.stringify(results, undefined, 2))
else {
  for (const { name, unit, nanoseconds, perSecond } of results) {
    const cost = `${duration(nanoseconds).padStart(9)} a ${unit}`.padEnd(18)
    console.log(
      `${name.padEnd(72)} ${cost} ${Math.round(perSecond).toLocaleString('en').padStart(11)} a second`,
    )
  }
}
