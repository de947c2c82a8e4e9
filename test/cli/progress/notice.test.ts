import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { jsonLine } from '../../../src/cli/format/plainText.js'
import { noticeEvent } from '../../../src/cli/progress/noticeEvent.js'
import { noticeText } from '../../../src/cli/progress/noticeText.js'
import type { Notice } from '../../../src/index.js'

const at = 1
const url = 'https://user:secret@tracker.example:8080/announce/passkey?token=secret'

const announceFailed = (reason: string): Notice => ({
  _tag: 'AnnounceFailed',
  at,
  url,
  error: { _tag: 'TrackerFailure', reason, retryInSeconds: undefined },
})

describe('noticeText', () => {
  it.each<readonly [Notice, string | undefined]>([
    [{ _tag: 'Listening', at, port: 6881 }, 'listening on port 6881'],
    [
      { _tag: 'ListenFailed', at, code: 'EADDRINUSE' },
      'cannot listen (EADDRINUSE): others cannot connect to us',
    ],
    [{ _tag: 'UtpListenFailed', at, code: 'EADDRINUSE' }, 'no uTP (EADDRINUSE): peers come by TCP alone'],
    [{ _tag: 'CheckDone', at, havePieces: 0, missingPieces: 9 }, undefined],
    [{ _tag: 'CheckDone', at, havePieces: 3, missingPieces: 6 }, '3 of 9 pieces already there'],
    [
      { _tag: 'FileTooLong', at, file: 'a\nb', expected: 10, actual: 22 },
      'a\\u{0a}b is 12 bytes too long: its end is left as it is',
    ],
    [
      { _tag: 'FileTooLong', at, file: 'a', expected: 0, actual: 1 },
      'a is 1 byte too long: its end is left as it is',
    ],
    [{ _tag: 'PieceDone', at, piece: 1 }, undefined],
    [
      { _tag: 'FilesForeign', at, files: ['a\nb'] },
      'a\\u{0a}b is there already, and nothing of it was found right: overwritten',
    ],
    [
      { _tag: 'FilesForeign', at, files: ['d/a', 'd/b', 'd/c'] },
      'd/a and 2 more files are there already, and nothing of them was found right: overwritten',
    ],
    [{ _tag: 'PeerBanned', at, host: '::1', port: 1, piece: 2 }, '[::1]:1 sent damaged data: banned'],
    [
      { _tag: 'ResumeRejected', at, reason: { _tag: 'FilesChanged', files: [1, 4] } },
      '2 files changed since the last run was saved: checking',
    ],
    [
      { _tag: 'ResumeRejected', at, reason: { _tag: 'FilesUnknown' } },
      'nobody can tell whether the files changed since the last run: checking',
    ],
    [
      { _tag: 'ResumeRejected', at, reason: { _tag: 'ResumeDamaged' } },
      'the resume data are damaged: checking',
    ],
    [
      {
        _tag: 'ResumeSaveFailed',
        at,
        error: { _tag: 'ResumeStoreFailed', operation: 'save', code: 'ENOSPC' },
      },
      'cannot save the resume data: ENOSPC: the next start may have to check all files',
    ],
    [
      {
        _tag: 'ResumeSaveFailed',
        at,
        error: { _tag: 'ResumeStoreFailed', operation: 'remove', code: 'EACCES' },
      },
      'cannot remove the resume data: EACCES',
    ],
    [
      {
        _tag: 'ResumeSaveFailed',
        at,
        error: { _tag: 'StorageError', kind: 'disk-full', operation: 'flush', file: 'a\nb', code: '' },
      },
      'cannot flush a\\u{0a}b: disk full: the next start may have to check all files',
    ],
    [announceFailed('no \u001b[31m'), 'tracker https://tracker.example:8080: it says: no \\u{1b}[31m'],
  ])('%j', (notice, text) => {
    expect(noticeText(notice, 9)).toBe(text)
  })

  test.prop([fc.string({ unit: 'binary' })])('has nothing raw in it that a tracker says', (reason) => {
    expect(noticeText(announceFailed(reason), 9)).not.toMatch(/[\p{Cc}\u202a-\u202e]/u)
  })
})

describe('noticeEvent', () => {
  it.each<readonly [Notice, object | undefined]>([
    [
      { _tag: 'Listening', at, port: 6881 },
      { event: 'listening', port: 6881 },
    ],
    [
      { _tag: 'CheckDone', at, havePieces: 3, missingPieces: 6 },
      { event: 'checked', havePieces: 3, pieceCount: 9, missingPieces: 6 },
    ],
    [
      {
        _tag: 'PeerClosed',
        at,
        peer: 1,
        host: '192.0.2.1',
        port: 2,
        reason: { _tag: 'SocketFailed', code: 'ECONNREFUSED' },
      },
      { event: 'peerClosed', host: '192.0.2.1', port: 2, reason: 'SocketFailed', detail: 'ECONNREFUSED' },
    ],
    [
      { _tag: 'AnnounceDone', at, url, peers: 2, warning: undefined },
      { event: 'announced', tracker: 'https://tracker.example:8080', peers: 2, warning: null },
    ],
    [
      { _tag: 'FileTooLong', at, file: 'a', expected: 10, actual: 22 },
      { event: 'fileTooLong', file: 'a', expected: 10, actual: 22 },
    ],
    [
      { _tag: 'FilesForeign', at, files: ['d/a', 'd/b'] },
      { event: 'filesForeign', files: ['d/a', 'd/b'] },
    ],
    [{ _tag: 'PieceDone', at, piece: 1 }, undefined],
  ])('%j', (notice, event) => {
    expect(noticeEvent(notice, 9)).toEqual(event)
  })

  it('tells no secret of a tracker’s URL', () => {
    for (const notice of [
      announceFailed('x'),
      { _tag: 'AnnounceDone', at, url, peers: 0, warning: 'w' } as const,
    ])
      expect(jsonLine(noticeEvent(notice, 9) ?? {})).not.toMatch(/secret|passkey|user/)
  })
})
