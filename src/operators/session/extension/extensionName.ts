/** The extensions of the peer wire that we speak, by the names that BEP 10's handshake has for them. */
export type ExtensionName = 'upload_only' | 'ut_metadata'
