import { expect, it } from 'vitest'
import { showPath } from '../../../src/codecs/bencode.js'

it.each([
  [[], ''],
  [['info', 'files', 3, 'length'], 'info.files[3].length'],
  [[0, 1, 'piece length'], '[0][1].piece length'],
  [['file tree', 'secret.txt', '', 'pieces root'], 'file tree.*.*.pieces root'],
  [['__proto__'], '*'],
  [Array.from({ length: 20 }, () => 0), `${'[0]'.repeat(16)}…`],
])('showPath(%j)', (path, text) => {
  expect(showPath(path)).toBe(text)
})
