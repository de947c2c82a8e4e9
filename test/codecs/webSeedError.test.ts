import { describe, expect, it } from 'vitest'
import { isFileLacking, type WebSeedError, webSeedErrorCode } from '../../src/codecs/webSeedError.js'

describe('the error of a web seed', () => {
  it.each<[WebSeedError, string, boolean]>([
    [{ _tag: 'WebSeedUnreachable', code: 'ECONNREFUSED' }, 'ECONNREFUSED', false],
    [{ _tag: 'WebSeedTimeout' }, 'ETIMEDOUT', false],
    [{ _tag: 'WebSeedStatus', status: 404 }, 'HTTP404', true],
    [{ _tag: 'WebSeedStatus', status: 416 }, 'HTTP416', true],
    [{ _tag: 'WebSeedStatus', status: 503 }, 'HTTP503', false],
    [{ _tag: 'WebSeedRangeIgnored' }, 'EBADRANGE', true],
    [{ _tag: 'WebSeedRefused' }, 'EREFUSED', false],
  ])('%o has a code, and says whether it is about the file', (error, code, isAboutFile) => {
    expect(webSeedErrorCode(error)).toBe(code)
    expect(isFileLacking(error)).toBe(isAboutFile)
  })
})
