import type { Extension } from './extension.js'
import { uploadOnly } from './uploadOnly.js'

/** Every extension that we speak. */
export const EXTENSIONS: ReadonlyArray<Extension> = [uploadOnly]
