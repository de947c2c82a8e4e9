import type { Extension } from './extension.js'
import { ltDonthave } from './ltDonthave.js'
import { uploadOnly } from './uploadOnly.js'
import { utHolepunch } from './utHolepunch.js'
import { utPex } from './utPex.js'

/** Every extension that we speak. */
export const EXTENSIONS: ReadonlyArray<Extension> = [utPex, ltDonthave, uploadOnly, utHolepunch]
