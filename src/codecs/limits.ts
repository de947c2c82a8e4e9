// Peer wire. Bytes unless said.

/** Payload of a `piece` message: eight blocks of 16 KiB, more than anyone asks for. */
export const MAX_BLOCK_BYTES = 8 * 16 * 1024
/** Any peer message, prefix not counted. */
export const MAX_MESSAGE_BYTES = 1024 * 1024
/** A `bitfield`, while the piece count is not known: 2 097 152 pieces. */
export const MAX_BITFIELD_BYTES = 2_097_152 / 8
/** A BEP 10 handshake dictionary. */
export const MAX_EXTENDED_HANDSHAKE_BYTES = 16 * 1024
/** Extensions that one peer may name in it. */
export const MAX_EXTENSIONS = 64
/** Requests that a peer may ask us to keep outstanding (`reqq`). */
export const MAX_REQUEST_QUEUE = 2_000
/** Hashes that are asked for at once (BEP 52): more than 512 should not be. */
export const MAX_HASH_REQUEST = 512
/** Hashes in a `hashes` message: those, and an uncle for each layer that the largest file can have above them. */
export const MAX_HASHES_BYTES = (MAX_HASH_REQUEST + 32) * 32
/** A `ut_pex` message: 200 peers of IPv6 come and gone are 7 KiB. */
export const MAX_PEX_BYTES = 16 * 1024
/** Peers looked at in each list of it: BEP 11 allows 50, and more in the first one. */
export const MAX_PEX_PEERS = 100

// Encrypted connections (MSE). Bytes.

/** Each padding, before anything else has to come: what the protocol allows. */
export const MAX_CRYPTO_PADDING_BYTES = 512
/** What one side may send along with its handshake: as much as the two bytes of its length can say. */
export const MAX_CRYPTO_PAYLOAD_BYTES = 65_535

// Trackers.

/** An HTTP tracker's answer, decoded. */
export const MAX_TRACKER_RESPONSE_BYTES = 1024 * 1024
/** Values and keys in it: 14 000 peers in the old dictionary form. */
export const MAX_TRACKER_TOKENS = 100_000
/** Peers kept of one announce. */
export const MAX_ANNOUNCED_PEERS = 3_000
/** Characters kept of a tracker's failure reason, warning or tracker id. */
export const MAX_TRACKER_TEXT = 1_024
/** HTTP redirects followed. */
export const MAX_TRACKER_REDIRECTS = 5
/** Torrents of one scrape: as many as a UDP packet has room for (BEP 15). */
export const MAX_SCRAPED_INFOHASHES = 74
/** UDP trackers whose connection and silence are remembered: as many trackers as a torrent may have. */
export const MAX_UDP_ENDPOINTS = 1_000
/** HTTP trackers of which it is remembered that they did not answer over a family: both of each of those. */
export const MAX_MUTE_FAMILIES = 2_000
/** Announces under way at once, in one torrent and in all of a client together. */
export const MAX_ANNOUNCES_IN_FLIGHT = 50

// Web seeds.

/** HTTP redirects followed from one URL. */
export const MAX_WEB_SEED_REDIRECTS = 5
/** URLs of one web seed whose redirects are remembered. */
export const MAX_REMEMBERED_REDIRECTS = 64

// Bencode and metainfo.

/** A .torrent file: the largest seen in use are a few MB. */
export const MAX_TORRENT_BYTES = 10_000_000
/** Lists and dictionaries inside each other: real documents stay below ten. */
export const MAX_BENCODE_DEPTH = 100
/** Values and keys of one document: what memory a small file may be blown up to. */
export const MAX_BENCODE_TOKENS = 3_000_000
/** Pieces of a torrent: a bitfield of 256 KiB. */
export const MAX_PIECES = 2_097_152
/** 32 767 blocks of 16 KiB: offsets in a piece stay far below 2^31. */
export const MAX_PIECE_LENGTH = 536_854_528
/** Bytes of a torrent, exclusive: 2^48, as far as file systems go. */
export const MAX_STREAM_LENGTH = 2 ** 48
/** Elements of a path. */
export const MAX_DIRECTORY_DEPTH = 100
/** Path elements of all files of a v2 torrent: what a small tree with deep directories may be blown up to. */
export const MAX_PATH_ELEMENTS = 1_000_000
/** New names tried, in one torrent, for files whose name is taken. */
export const MAX_DUPLICATE_NAMES = 500
/** A path element is cut to this, its extension kept; with a number added it still fits the 255 of file systems. */
export const MAX_PATH_ELEMENT_BYTES = 240
/** Hops from symlink to symlink before one counts as a loop. */
export const MAX_SYMLINK_HOPS = 8
/** Announce URLs kept of one torrent. */
export const MAX_TRACKERS = 1_000
/** Web seeds kept of one torrent, for each of the two kinds. */
export const MAX_WEB_SEEDS = 200
/** DHT nodes kept of one torrent. */
export const MAX_NODES = 100
/** Characters of a URL in a torrent. */
export const MAX_URL_LENGTH = 4_096

// Magnet links and the exchange of metadata.

/** Characters of a magnet link: hundreds of trackers. */
export const MAX_MAGNET_LENGTH = 64 * 1024
/** Peers kept of one link. */
export const MAX_MAGNET_PEERS = 200
/** Number of a file that a link can select: more than a torrent file has room for. */
export const MAX_FILE_INDEX = 999_999
/** An `info` dictionary that peers may claim to have: it must fit a torrent file. */
export const MAX_METADATA_BYTES = MAX_TORRENT_BYTES
/** Bytes in a piece of it (BEP 9). */
export const METADATA_PIECE_BYTES = 16 * 1024
/** The dictionary in front of such a piece. */
export const MAX_METADATA_HEAD_BYTES = 1024

// Resume data.

/** A resume file: 16 bytes for each of 400 000 files, 4 MB of trackers, and what is left. */
export const MAX_RESUME_BYTES = 16 * 1024 * 1024
/** Values and keys in it. */
export const MAX_RESUME_TOKENS = 100_000
/** Pieces under way that are kept: as many of 16 KiB as a session holds in memory. */
export const MAX_PARTIAL_PIECES = 4_096
/** Bytes of their block bits, all in all. */
export const MAX_PARTIAL_BYTES = 1024 * 1024
/** Characters in the name of a run of the system: a UUID has 36. */
export const MAX_BOOT_ID = 64
/** Peers kept: more than a session dials in its first minutes. */
export const MAX_RESUME_PEERS = 200

// DHT.

/** A saved routing table: 500 nodes of 38 bytes for each address. */
export const MAX_DHT_TABLE_BYTES = 256 * 1024
/** Nodes kept of one address: more than a full table has that answer. */
export const MAX_SAVED_NODES = 500
/** Addresses of one DHT node: each is a node of its own. */
export const MAX_DHT_HOMES = 8
/** A packet: a value of 1 000 bytes with nodes of both families around it twice over. */
export const MAX_KRPC_BYTES = 4_096
/** Lists and dictionaries inside each other, those of a stored value among them. */
export const MAX_KRPC_DEPTH = 16
/** Values and keys in it: a list of 500 peers, or a stored value of 500 empty strings. */
export const MAX_KRPC_TOKENS = 600
/** A transaction id; most are of two or four bytes, and it has to be sent back. */
export const MAX_TRANSACTION_BYTES = 32
/** A token: hashes are of 20 bytes at most, and it has to be sent back. */
export const MAX_TOKEN_BYTES = 64
/** Nodes taken of one answer, in each family; honest ones name eight. */
export const MAX_KRPC_NODES = 32
/** Peers taken of one answer. */
export const MAX_KRPC_VALUES = 200
/** Bytes read of an error's text. */
export const MAX_KRPC_TEXT = 256
/** Until a node says other samples (BEP 51): six hours. */
export const MAX_SAMPLE_INTERVAL_SECONDS = 21_600
/** A value that is stored in the DHT, bencoded (BEP 44). */
export const MAX_DHT_VALUE_BYTES = 1_000
/** The salt of a mutable one. */
export const MAX_DHT_SALT_BYTES = 64
/** Values that one lookup passes on: as many peers as a session remembers. */
export const MAX_LOOKUP_VALUES = 3_000
/** Infohashes whose peers a node stores, and peers of each in each address family: 45 MB where all of it is full. */
export const MAX_STORED_INFOHASHES = 2_000
export const MAX_STORED_PEERS = 500
/** Items of BEP 44 that a node stores: a megabyte. */
export const MAX_STORED_ITEMS = 700

// The local network: other peers (BEP 14) and gateways.

/** A datagram of local discovery: one is never longer than a packet. */
export const MAX_LSD_BYTES = 1_500
/** Bytes of one that we send: no network makes fragments of it. */
export const MAX_LSD_SENT_BYTES = 1_400
/** Header lines of a datagram. */
export const MAX_HEADER_LINES = 64
/** A gateway's answer to a search for it: a packet. */
export const MAX_SSDP_BYTES = 2_048
/** A document of a gateway: descriptions of the largest routers are some 20 KiB. */
export const MAX_GATEWAY_DOCUMENT_BYTES = 256 * 1024
/** Elements inside each other in it: descriptions have eight. */
export const MAX_XML_DEPTH = 32
/** Elements of it, all in all. */
export const MAX_XML_ELEMENTS = 5_000
/** Services that a gateway may describe. */
export const MAX_GATEWAY_SERVICES = 64
