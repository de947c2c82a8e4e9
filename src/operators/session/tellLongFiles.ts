import { notify } from './emit.js'
import type { SessionModel } from './model.js'

/** Once for each file, when it is wanted: what is too long may not be what the user thinks it is. */
export const tellLongFiles = (model: SessionModel): void => {
  const { longFiles, filePriorities, renamed, config, now } = model
  // Nobody has said yet what is wanted.
  if (model.awaitsPriorities) return
  model.longFiles = longFiles.filter(({ file }) => filePriorities[file] === 0)
  for (const { file, expected, actual } of longFiles) {
    const path = renamed.get(file) ?? config.metainfo.files[file]?.path
    if (path === undefined || filePriorities[file] === 0) continue
    notify(model, { _tag: 'FileTooLong', at: now, file: path.join('/'), expected, actual })
  }
}
