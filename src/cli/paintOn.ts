import { styleText } from 'node:util'
import { noPaint, type Paint } from './world.js'

/** Colours where a terminal shows them and nobody has asked for none (`NO_COLOR`). */
export const paintOn = ({ isTTY }: { readonly isTTY: boolean }): Paint =>
  isTTY && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb'
    ? (colour, text) => styleText(colour, text, { validateStream: false })
    : noPaint
