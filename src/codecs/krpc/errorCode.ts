/** Codes of KRPC errors: 201 to 204 of BEP 5, the others of BEP 44. */
export const KrpcErrorCode = {
  generic: 201,
  server: 202,
  /** A malformed message, an argument that is missing or wrong, or a bad token. */
  protocol: 203,
  methodUnknown: 204,
  valueTooBig: 205,
  invalidSignature: 206,
  saltTooBig: 207,
  /** Somebody else has written since the value was read. */
  casMismatch: 301,
  /** There is a newer value. */
  sequenceTooLow: 302,
} as const
