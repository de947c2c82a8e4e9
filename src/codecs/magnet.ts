/** Magnet links (BEP 9, BEP 53). */
export { decodeMagnet } from './magnet/decodeMagnet.js'
export { encodeMagnet, magnetOf } from './magnet/encodeMagnet.js'
export { type FileRange, type Magnet, wantsFile } from './magnet/magnetModel.js'
