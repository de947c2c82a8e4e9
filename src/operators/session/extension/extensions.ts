import type { Extension } from './extension.js'
import { ltDonthave } from './ltDonthave.js'
import { uploadOnly } from './uploadOnly.js'
import { utHolepunch } from './utHolepunch.js'
import { utMetadata } from './utMetadata.js'
import { utPex } from './utPex.js'

/** Every extension that we speak. */
export const EXTENSIONS: ReadonlyArray<Extension> = [utPex, utMetadata, ltDonthave, uploadOnly, utHolepunch]
