"""Makes a torrent with libtorrent, which takes any piece length, and prints its infohash, the v1 one if it has both."""

import argparse
import os

import libtorrent as lt

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("path", help="file or folder to share")
parser.add_argument("output")
parser.add_argument("--piece-length", type=int, required=True)
parser.add_argument("--announce", action="append", default=[])
parser.add_argument("--web-seed", action="append", default=[])
parser.add_argument("--hybrid", action="store_true", help="v1 and v2 in one, with pad files")
parser.add_argument("--v2", action="store_true", help="v2 alone")
parser.add_argument("--private", action="store_true", help="peers come from the trackers alone")
args = parser.parse_args()

path = os.path.abspath(args.path)
files = lt.file_storage()
lt.add_files(files, path)
flags = lt.create_torrent.v2_only if args.v2 else 0 if args.hybrid else lt.create_torrent.v1_only
torrent = lt.create_torrent(files, args.piece_length, flags)
torrent.set_priv(args.private)
for url in args.announce:
    torrent.add_tracker(url)
for url in args.web_seed:
    torrent.add_url_seed(url)
lt.set_piece_hashes(torrent, os.path.dirname(path))
with open(args.output, "wb") as output:
    output.write(lt.bencode(torrent.generate()))
hashes = lt.torrent_info(args.output).info_hashes()
print(hashes.v1 if hashes.has_v1() else hashes.v2)
