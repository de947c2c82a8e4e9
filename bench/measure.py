"""Runs a command and prints, as JSON, what it took: wall and CPU seconds and peak memory of its process tree.

usage: measure.py TIMEOUT_SECONDS COMMAND...
"""

import json
import os
import signal
import sys
import time

timeout, command = int(sys.argv[1]), sys.argv[2:]
# Node reads and parses such a bundle at each start, 45 ms of it: not what is measured here, and few users have one.
environment = {name: value for name, value in os.environ.items() if name != "NODE_EXTRA_CA_CERTS"}
start = time.monotonic()
pid = os.posix_spawnp(command[0], command, environment, file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)])
signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))
signal.alarm(timeout)
_, status, usage = os.wait4(pid, 0)
print(
    json.dumps(
        {
            "wall": time.monotonic() - start,
            "cpu": usage.ru_utime + usage.ru_stime,
            "memory": usage.ru_maxrss / 1024,
            "code": os.waitstatus_to_exitcode(status),
        }
    )
)
