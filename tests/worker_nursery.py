"""Forks workers off a process that has everything imported: names come in, process ids go out.

A worker so begins within an instant, and is the command `muster worker` in all else. Its name is that of its
sessions with the database.
"""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Fork a worker for the queues of the command line whenever a name comes in."""
    queues = sys.argv[1]
    import django

    django.setup()

    import muster.cli.commands.worker
    import muster.cli.main
    import muster.registry.gateway.client
    import muster.transactions.tasks

    # Whoever ends is forgotten at once.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for name in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.environ["PGAPPNAME"] = name.strip()
            sys.argv = ["muster", "worker", "--queues", queues]
            muster.cli.main.main()
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


main()
