import { plainText } from './format/plainText.js'

/** A tracker by the part of its URL that is no secret: paths and queries hold passkeys. */
export const trackerName = (url: string): string => {
  if (!URL.canParse(url)) return 'a tracker with an invalid URL'
  const { protocol, host } = new URL(url)
  return plainText(`${protocol}//${host}`)
}
