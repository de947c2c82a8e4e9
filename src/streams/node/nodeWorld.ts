import type { SessionDeps } from '../deps.js'
import { nodeDeps, type NodeDepsOptions } from './nodeDeps.js'

export interface NodeWorldOptions extends NodeDepsOptions {
  /** Parts of the world to replace. */
  readonly deps?: Partial<SessionDeps> | undefined
  /** Whether what is known of torrents is kept in the folder; true unless given. */
  readonly resume?: boolean | undefined
}

/** This machine, but for what is replaced. Beside a storage of one's own nothing is kept, unless in a store given too. */
export const nodeWorld = (options: NodeWorldOptions): SessionDeps => {
  const { resume, ...world } = nodeDeps(options)
  const isKept = options.resume !== false && options.deps?.openStorage === undefined && resume !== undefined
  return { ...world, ...(isKept ? { resume } : {}), ...options.deps }
}
