import type { Extension } from './extension.js'
import { utMetadata } from './utMetadata.js'
import { uploadOnly } from './uploadOnly.js'

/** Every extension that we speak. */
export const EXTENSIONS: ReadonlyArray<Extension> = [uploadOnly, utMetadata]
