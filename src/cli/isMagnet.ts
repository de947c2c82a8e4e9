/** Whether an argument is meant as a magnet link, a usable one or not. */
export const isMagnet = (text: string): boolean => /^magnet:/i.test(text)
