"""A libtorrent DHT node, or several, on addresses of this machine; each may seed a torrent that has no tracker.

Prints one JSON object a line: "listening" with the ports, then what comes of the commands that are read from stdin, a
JSON object a line too: {"do": "put", "value": …}, {"do": "get", "target": …}, {"do": "getMutable", "key": …, "salt": …},
{"do": "putMutable", "secret": …, "key": …, "salt": …, "value": …}, {"do": "peers", "infohash": …}. Bytes are in hex.
"""

import argparse
import json
import sys
import threading
import time

import libtorrent as lt

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--address", action="append", default=[], help="one node each")
parser.add_argument("--bootstrap", action="append", default=[], metavar="HOST:PORT")
parser.add_argument("--seed", nargs=2, default=None, metavar=("TORRENT", "FOLDER"))
parser.add_argument("--download", nargs=2, default=None, metavar=("TORRENT", "FOLDER"))
args = parser.parse_args()


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def node(address):
    return lt.session(
        {
            "listen_interfaces": f"{address}:0",
            "listen_system_port_fallback": False,
            "enable_dht": True,
            "dht_bootstrap_nodes": ",".join(args.bootstrap),
            "dht_restrict_routing_ips": False,
            "dht_restrict_search_ips": False,
            "dht_prefer_verified_node_ids": False,
            "dht_ignore_dark_internet": False,
            "dht_block_ratelimit": 1000,
            "dht_upload_rate_limit": 1000000,
            "dht_announce_interval": 5,
            "enable_lsd": False,
            "enable_upnp": False,
            "enable_natpmp": False,
            "enable_incoming_utp": False,
            "enable_outgoing_utp": False,
            "allow_multiple_connections_per_ip": True,
            "alert_mask": lt.alert.category_t.dht_notification | lt.alert.category_t.dht_operation_notification,
        }
    )


sessions = [node(address) for address in args.address]
for session in sessions:
    while session.listen_port() == 0:
        time.sleep(0.01)
first = sessions[0]
for session in sessions:
    # a bootstrap node is asked, and not remembered
    for known in args.bootstrap:
        host, _, port = known.rpartition(":")
        session.add_dht_node((host.strip("[]"), int(port)))

handle = None
for role, given in (("seed", args.seed), ("download", args.download)):
    if given is None:
        continue
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(given[0])
    params.save_path = given[1]
    params.flags = lt.torrent_flags.seed_mode if role == "seed" else 0
    handle = first.add_torrent(params)

say("listening", ports=[session.listen_port() for session in sessions])


def do(command):
    what = command["do"]
    if what == "put":
        target = first.dht_put_immutable_item(command["value"])
        say("target", target=str(target))
    elif what == "get":
        first.dht_get_immutable_item(lt.sha1_hash(bytes.fromhex(command["target"])))
    elif what == "getMutable":
        first.dht_get_mutable_item(bytes.fromhex(command["key"]), command["salt"].encode())
    elif what == "putMutable":
        secret, public = bytes.fromhex(command["secret"]), bytes.fromhex(command["key"])
        first.dht_put_mutable_item(secret, public, command["value"].encode(), command["salt"].encode())
    elif what == "peers":
        first.dht_get_peers(lt.sha1_hash(bytes.fromhex(command["infohash"])))


commands = []


def read():
    for line in sys.stdin:
        commands.append(json.loads(line))


threading.Thread(target=read, daemon=True).start()
is_complete = False
while True:
    while commands:
        do(commands.pop(0))
    for alert in first.pop_alerts():
        if isinstance(alert, lt.dht_immutable_item_alert):
            value = alert.item
            say("item", target=str(alert.target), value=repr(value))
        elif isinstance(alert, lt.dht_mutable_item_alert):
            say("mutableItem", key=alert.key.hex(), seq=alert.seq, value=repr(alert.item))
        elif isinstance(alert, lt.dht_put_alert):
            say("stored", count=alert.num_success)
        elif isinstance(alert, lt.dht_get_peers_reply_alert):
            say("peers", peers=[list(peer) for peer in alert.peers()])
    if handle is not None and handle.status().is_seeding and not is_complete:
        is_complete = True
        say("complete")
    time.sleep(0.05)
