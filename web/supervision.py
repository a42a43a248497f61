"""The child of the server that ticks: started after it, started again when it ends, ended with it."""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from typing import Final

LOG: Final = logging.getLogger("hemvist.tick")
FIRST: Final = 3.0  # seconds after the start, when the first visitors have been answered
SHORTEST, LONGEST = 1.0, 60.0  # seconds between an end and the next start
SETTLED: Final = 60.0  # seconds after which a child counts as well
CHILD: Final = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from web.ticking import run_below_server
run_below_server()
"""


class TickChild:
    """Keeps one process ticking, from a thread of the server's first process, which answers nothing itself."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._process = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._supervise, name="tick", daemon=True)

    def start(self) -> None:
        """Begin to supervise."""
        self._process = os.getpid()
        self._thread.start()

    def stop(self) -> None:
        """End the child, and wait for that a little; a worker, which is a copy of the first process, ends nothing."""
        if self._process != os.getpid():
            return
        self._stop.set()
        if self._child and self._child.poll() is None:
            self._child.terminate()
        if self._thread.is_alive():
            self._thread.join(5)

    def _supervise(self) -> None:
        pause, wait = SHORTEST, FIRST
        while not self._stop.wait(wait):
            began = time.monotonic()
            self._run()
            pause = SHORTEST if time.monotonic() - began > SETTLED else min(LONGEST, pause * 2)
            wait = pause
            if not self._stop.is_set():
                LOG.warning("the tick has ended; it starts again in %.0f s", wait)

    def _run(self) -> None:
        """Run the child until it ends. Its input is a pipe of ours, so that it also ends when we are killed."""
        command = [sys.executable, "-c", CHILD, json.dumps(sys.path)]
        try:
            with subprocess.Popen(  # noqa: S603 - our own program
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
            ) as self._child:
                if self._stop.is_set():
                    self._child.terminate()
                self._child.wait()
        except OSError as error:
            LOG.warning("the tick cannot be started: %s", error)
