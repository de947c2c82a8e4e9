import type { GrowingTree, HashTree } from '../../codecs/hashTree.js'

/** The trees of the piece layers (BEP 52) that somebody has asked for, by root. Written only through `treeOf.ts`. */
export interface HashTrees {
  readonly whole: Map<string, HashTree>
  /** Those that are being made, the first of them at present. */
  readonly growing: Map<string, GrowingTree>
  /** `HashTurn` is to come. */
  awaitsTurn: boolean
}

export const createHashTrees = (): HashTrees => ({ whole: new Map(), growing: new Map(), awaitsTurn: false })
