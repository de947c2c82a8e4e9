/**
 * One connection, for as long as it lives; never used again. Dialled connections have even keys, given by the fold;
 * accepted ones odd keys, given by the listener.
 */
export type PeerKey = number
