"""Checks data with libtorrent, and fails unless all of it is right.

usage: libtorrentCheck.py TORRENT FOLDER HASHING_THREADS
"""

import os
import sys
import time

import libtorrent as lt

session = lt.session(
    {
        "listen_interfaces": "",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "hashing_threads": int(sys.argv[3]),
        "alert_mask": 0,
    }
)
params = lt.add_torrent_params()
params.ti = lt.torrent_info(sys.argv[1])
params.save_path = sys.argv[2]
torrent = session.add_torrent(params)
checking = (
    lt.torrent_status.checking_files,
    lt.torrent_status.checking_resume_data,
)
while True:
    status = torrent.status()
    if status.is_seeding:
        # taking a session down is not part of a check
        os._exit(0)
    if status.state not in checking:
        sys.exit(f"{status.num_pieces} pieces are right")
    time.sleep(0.005)
