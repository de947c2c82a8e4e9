/** What the tests use of npm `bencode`, which has no types of its own. */
declare module 'bencode' {
  const bencode: { readonly encode: (value: unknown) => Uint8Array }
  export default bencode
}
