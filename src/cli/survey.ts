import { pieceVerdict, type Metainfo, type VerifyProgress } from '../index.js'

/** All that a verification has found so far. */
export interface Survey extends Omit<VerifyProgress, 'first'> {
  /** One entry a piece, see `pieceVerdict`; `missing` for those not looked at. All surveys of one check share them. */
  readonly verdicts: Uint8Array
}

export const emptySurvey = (pieceCount: number): Survey => ({
  pieceCount,
  wantedPieces: pieceCount,
  checkedPieces: 0,
  havePieces: 0,
  wrongPieces: 0,
  missingPieces: 0,
  longFiles: [],
  verdicts: new Uint8Array(pieceCount),
})

/** What is known after one more step. Takes the verdicts of `before` along: a copy for each step would cost all pieces. */
export const addStep = (before: Survey, { first, verdicts, ...counts }: VerifyProgress): Survey => {
  before.verdicts.set(verdicts, first)
  return { ...counts, verdicts: before.verdicts }
}

/** Paths of the wanted files that a wrong or missing piece is part of. */
export const damagedFiles = (
  { files, pieceLength }: Pick<Metainfo, 'files' | 'pieceLength'>,
  { verdicts }: Pick<Survey, 'verdicts'>,
  priorities: ReadonlyArray<number>,
): ReadonlyArray<string> =>
  files
    .filter(({ length, offset, isPad }, index) => {
      if (isPad || length === 0 || priorities[index] === 0) return false
      const last = Math.floor((offset + length - 1) / pieceLength)
      for (let piece = Math.floor(offset / pieceLength); piece <= last; piece += 1)
        if (verdicts[piece] !== pieceVerdict.right) return true
      return false
    })
    .map(({ path }) => path.join('/'))
