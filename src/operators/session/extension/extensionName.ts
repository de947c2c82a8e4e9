/** The extensions of the peer wire that we speak, by the names that BEP 10's handshake has for them. */
export type ExtensionName = 'ut_pex' | 'ut_metadata' | 'ut_holepunch' | 'lt_donthave' | 'upload_only'
