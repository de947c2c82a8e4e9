"""A libtorrent peer: TCP or uTP, encryption as it likes, no discovery but the torrent's trackers, --peer, --lsd and
what peers tell.

Prints one JSON object a line: "listening" with the port, "uploaded" with the payload bytes sent so far,
"complete" when it has everything. A seeder then stays; a downloader leaves, with all of it on disk.
"""

import argparse
import json
import time

import libtorrent as lt

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("role", choices=["seed", "download"])
parser.add_argument("torrent", help="a file, or for a download a magnet link")
parser.add_argument("folder", help="where the torrent's root lies")
parser.add_argument("--address", default="127.0.0.1")
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--peer", action="append", default=[], metavar="HOST:PORT")
parser.add_argument("--upload-limit", type=int, default=0, help="bytes per second; 0 is unlimited")
parser.add_argument("--lsd", action="store_true", help="looks for peers on the local network")
parser.add_argument("--encryption", choices=["rc4", "header", "none"], help="nothing but this")
parser.add_argument("--transport", choices=["tcp", "utp"], default="tcp")
parser.add_argument("--no-pex", action="store_true", help="asks no peer for others")
args = parser.parse_args()


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


encryption = {
    None: {},
    "rc4": {"out_enc_policy": 0, "in_enc_policy": 0, "allowed_enc_level": 2},
    "header": {"out_enc_policy": 0, "in_enc_policy": 0, "allowed_enc_level": 1},
    "none": {"out_enc_policy": 2, "in_enc_policy": 2},
}[args.encryption]
host = f"[{args.address}]" if ":" in args.address else args.address
session = lt.session(
    {
        "listen_interfaces": f"{host}:{args.port}",
        "listen_system_port_fallback": False,
        "enable_dht": False,
        "enable_lsd": args.lsd,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_incoming_utp": args.transport == "utp",
        "enable_outgoing_utp": args.transport == "utp",
        "enable_incoming_tcp": args.transport == "tcp",
        "enable_outgoing_tcp": args.transport == "tcp",
        "allow_multiple_connections_per_ip": True,
        "unchoke_slots_limit": 100,
        "connections_limit": 500,
        "min_reconnect_time": 1,
        "send_buffer_watermark": 4 * 1024 * 1024,
        "alert_mask": 0,
        **encryption,
    }
)
if args.torrent.startswith("magnet:"):
    params = lt.parse_magnet_uri(args.torrent)
else:
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(args.torrent)
params.save_path = args.folder
params.flags = lt.torrent_flags.seed_mode if args.role == "seed" else 0
if args.no_pex:
    params.flags |= lt.torrent_flags.disable_pex
torrent = session.add_torrent(params)
# the limit of the torrent, as the session's spares peers on the local network
torrent.set_upload_limit(args.upload_limit)
for peer in args.peer:
    peer_host, _, peer_port = peer.rpartition(":")
    torrent.connect_peer((peer_host.strip("[]"), int(peer_port)))

while session.listen_port() == 0:
    time.sleep(0.01)
say("listening", port=session.listen_port())

is_complete = False
uploaded = -1
while True:
    status = torrent.status()
    if status.total_payload_upload != uploaded:
        uploaded = status.total_payload_upload
        say("uploaded", bytes=uploaded)
    if status.is_seeding and not is_complete:
        is_complete = True
        if args.role == "download":
            # ends only when the disk has it all
            del torrent, session
            say("complete")
            break
        say("complete")
    time.sleep(0.05 if args.role == "seed" else 0.02)
