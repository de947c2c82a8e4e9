"""Many torrents in one libtorrent session, each of one file of a folder.

usage: libtorrentMany.py make FOLDER TORRENTS PIECE_LENGTH, one torrent a file
       libtorrentMany.py seed TORRENTS FOLDER ADDRESS, without a check; prints its port as one JSON object a line
       libtorrentMany.py download TORRENTS FOLDER ADDRESS PEER, until it has everything, on disk
"""

import json
import os
import sys
import time

import libtorrent as lt

role, source, target = sys.argv[1:4]
MORE_THAN_ENOUGH = 10_000


def make(piece_length):
    for name in sorted(os.listdir(source)):
        storage = lt.file_storage()
        lt.add_files(storage, os.path.join(source, name))
        torrent = lt.create_torrent(storage, piece_size=piece_length, flags=lt.create_torrent.v1_only)
        lt.set_piece_hashes(torrent, source)
        with open(os.path.join(target, f"{name}.torrent"), "wb") as output:
            output.write(lt.bencode(torrent.generate()))


def run(address, peer):
    session = lt.session(
        {
            "listen_interfaces": f"{address}:0",
            "listen_system_port_fallback": False,
            "enable_dht": False,
            "enable_lsd": False,
            "enable_upnp": False,
            "enable_natpmp": False,
            "enable_incoming_utp": False,
            "enable_outgoing_utp": False,
            "allow_multiple_connections_per_ip": True,
            "unchoke_slots_limit": MORE_THAN_ENOUGH,
            "connections_limit": MORE_THAN_ENOUGH,
            "active_limit": MORE_THAN_ENOUGH,
            "active_downloads": MORE_THAN_ENOUGH,
            "active_seeds": MORE_THAN_ENOUGH,
            "send_buffer_watermark": 4 * 1024 * 1024,
            "alert_mask": 0,
        }
    )
    torrents = []
    for name in sorted(os.listdir(source)):
        params = lt.add_torrent_params()
        params.ti = lt.torrent_info(os.path.join(source, name))
        params.save_path = target
        params.flags = lt.torrent_flags.disable_pex | (lt.torrent_flags.seed_mode if role == "seed" else 0)
        torrent = session.add_torrent(params)
        if peer is not None:
            host, _, port = peer.rpartition(":")
            torrent.connect_peer((host, int(port)))
        torrents.append(torrent)
    while session.listen_port() == 0:
        time.sleep(0.01)
    print(json.dumps({"event": "listening", "port": session.listen_port()}), flush=True)
    while role == "seed" or not all(torrent.status().is_seeding for torrent in torrents):
        time.sleep(0.02)
    # ends only when the disk has it all
    del torrent, torrents, session


if role == "make":
    make(int(sys.argv[4]))
else:
    run(sys.argv[4], sys.argv[5] if role == "download" else None)
