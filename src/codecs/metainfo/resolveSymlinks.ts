import { MAX_SYMLINK_HOPS } from '../limits.js'

/** A file of the torrent; with a target, a symlink. */
export interface LinkedFile {
  readonly path: ReadonlyArray<string>
  /** Below the root name, as BEP 47 has it, or below the link's own directory, as some write it. */
  readonly target: ReadonlyArray<string> | undefined
}

/**
 * What each symlink points to: the path of a file or directory of the same torrent, the root name first; `undefined`
 * for what is not a symlink, and for one that leads nowhere, outside, or in a circle. Links may lead through links.
 */
export const resolveSymlinks = (
  files: ReadonlyArray<LinkedFile>,
): ReadonlyArray<ReadonlyArray<string> | undefined> => {
  if (files.every(({ target }) => target === undefined)) return files.map(() => undefined)
  const nodes = new Map<string, Node>()
  for (const file of files) addPath(nodes, file)

  const lookup = (path: ReadonlyArray<string>, hops: number): Node | undefined => {
    let node: Node | undefined = ROOT
    for (const name of path) {
      if (node === undefined) return undefined
      const child: Node | undefined = nodes.get(keyIn(node, name))
      node = child?.file === undefined ? child : follow(child.file, hops + 1)
    }
    return node
  }

  const found = new Map<LinkedFile, Found | undefined>()
  const follow = (link: LinkedFile, hops: number): Node | undefined => {
    if (hops > MAX_SYMLINK_HOPS) return undefined
    if (!found.has(link)) {
      // Until it is known: a link that comes back to itself leads nowhere.
      found.set(link, undefined)
      found.set(link, firstFound(candidates(link), hops))
    }
    return found.get(link)?.node
  }
  const firstFound = (paths: ReadonlyArray<ReadonlyArray<string>>, hops: number): Found | undefined => {
    for (const path of paths) {
      const node = lookup(path, hops)
      if (node !== undefined) return { node, path }
    }
    return undefined
  }

  return files.map((file) => {
    if (file.target === undefined) return undefined
    follow(file, 0)
    return found.get(file)?.path
  })
}

/** A file or directory; `file` where it is a symlink. */
interface Node {
  readonly id: number
  readonly file: LinkedFile | undefined
}

interface Found {
  readonly node: Node
  readonly path: ReadonlyArray<string>
}

const ROOT: Node = { id: 0, file: undefined }

const keyIn = (parent: Node, name: string): string => `${String(parent.id)}/${name}`

const addPath = (nodes: Map<string, Node>, file: LinkedFile): void => {
  let node = ROOT
  for (const [i, name] of file.path.entries()) {
    const key = keyIn(node, name)
    const isLink = i === file.path.length - 1 && file.target !== undefined
    node = nodes.get(key) ?? { id: nodes.size + 1, file: isLink ? file : undefined }
    nodes.set(key, node)
  }
}

const candidates = ({ path, target = [] }: LinkedFile): ReadonlyArray<ReadonlyArray<string>> => [
  [...path.slice(0, 1), ...target],
  [...path.slice(0, -1), ...target],
]
