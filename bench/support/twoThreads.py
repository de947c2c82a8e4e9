"""The floor of a check: two threads that hash pieces from the page cache, and nothing else. Fails on a wrong one.

usage: twoThreads.py TORRENT FILE, a torrent of that one file
"""

import hashlib
import os
import re
import sys
import threading

THREADS = 2

with open(sys.argv[1], "rb") as torrent:
    metainfo = torrent.read()
piece_length = int(re.search(rb"12:piece lengthi(\d+)e", metainfo)[1])
start = re.search(rb"6:pieces(\d+):", metainfo).end()
size = os.stat(sys.argv[2]).st_size
count = -(-size // piece_length)
wrong = []


def check(first):
    file = os.open(sys.argv[2], os.O_RDONLY)
    buffer = bytearray(piece_length)
    for piece in range(first, count, THREADS):
        length = os.preadv(file, [buffer], piece * piece_length)
        digest = hashlib.sha1(memoryview(buffer)[:length]).digest()
        if digest != metainfo[start + 20 * piece : start + 20 * piece + 20]:
            wrong.append(piece)


threads = [threading.Thread(target=check, args=(first,)) for first in range(THREADS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
if wrong:
    sys.exit(f"wrong pieces: {wrong}")
