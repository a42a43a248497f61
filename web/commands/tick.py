"""hemvist tick: do what is due as time goes by."""

import os
import signal
import threading

import click

from web import logs
from web.settings import read_settings
from web.ticking import TickError, run, tick


@click.command()
@click.option("--once", is_flag=True, help="Do it once and end, for cron or systemd; else every minute.")
def command(*, once: bool) -> None:
    """Mail messages that wait, purge what has been kept long enough, and turn it into counts.

    `hemvist serve` does this by itself. Several may run at once: each task is done by one of them.
    """
    settings = read_settings(os.environ)
    logs.begin(settings.log)
    if once:
        try:
            tick(settings)
        except TickError as error:
            raise click.ClickException(str(error)) from error
        return
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _signal, _frame: stop.set())
    run(settings, stop)
