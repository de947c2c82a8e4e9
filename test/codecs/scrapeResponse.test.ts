import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { fromLatin1 } from '../../src/codecs/bytes.js'
import { decodeScrapeResponse } from '../../src/codecs/scrapeResponse.js'

const decode = (text: string) => decodeScrapeResponse(fromLatin1(text))

describe('decodeScrapeResponse', () => {
  it('reads the entries, and passes over what is not one', () => {
    const name = '\x00\xff' + 'a'.repeat(18)
    const answer = `d5:filesd2:abde20:${'b'.repeat(20)}i1e20:${name}d8:completei1e10:downloadedi-3e10:incomplete1:xeee`
    expect(decode(answer)).toEqual(
      E.right(
        new Map([
          [
            `00ff${'61'.repeat(18)}`,
            { complete: 1, incomplete: undefined, downloaded: undefined, downloaders: undefined },
          ],
        ]),
      ),
    )
    expect(decode('d5:filesi1ee')).toEqual(E.right(new Map()))
  })

  it('reads a refusal', () => {
    expect(decode('d14:failure reason2:noe')).toMatchObject(E.left({ _tag: 'TrackerFailure', reason: 'no' }))
  })
})
