import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { hideSecrets } from '../../src/codecs/hideSecrets.js'

/** Nothing that the words around it could hold. */
const anySecret = fc.stringMatching(/^[a-z0-9]{10,40}$/)

describe('hideSecrets', () => {
  it.each([
    ['unknown passkey c0ffee5ecret', 'http://t.example/c0ffee5ecret/announce', 'unknown passkey …'],
    [
      'no announce.php for you',
      'http://t.example/announce.php?passkey=c0ffee5ecret',
      'no announce.php for you',
    ],
    ['user bob, word p@ss', 'http://bob:p%40ss@t.example/announce', 'user …, word …'],
    ['c0ffee5ecret2 c0ffee5ecret', 'udp://t.example:80/c0ffee5ecret/c0ffee5ecret2', '… …'],
    ['a/%zz', 'http://t.example/%zz/%zzzzz', 'a/%zz'],
    ['as it is', 'not a URL', 'as it is'],
    ['as it is', '', 'as it is'],
  ])('%j by %j: %j', (text, url, expected) => {
    expect(hideSecrets(text, url)).toBe(expected)
  })

  test.prop([
    fc.constantFrom('http', 'https', 'udp'),
    fc.tuple(anySecret, anySecret, anySecret, anySecret),
    fc.func(fc.boolean()),
  ])('leaves no secret of a URL in what is said about it', (scheme, [user, word, path, key], isQuoted) => {
    const url = `${scheme}://${user}:${word}@t.example:80/${path}/announce?passkey=${key}#top`
    const secrets = [user, word, path, key]
    const text = `no: ${url} ${secrets.filter(isQuoted).join(' ')}${key}${path}`
    const hidden = hideSecrets(text, url)
    for (const secret of secrets) expect(hidden).not.toContain(secret)
    expect(hidden).toContain('t.example:80')
  })
})
