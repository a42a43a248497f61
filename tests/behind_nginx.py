"""Servers of Hemvist behind nginx, for tests and for the script that loads them."""

import json
import shutil
from pathlib import Path

from servers import Nginx, free_port
from test_serving import Server

ROOT = Path(__file__).parent.parent


class Site:
    """Servers behind the shipped nginx file, as an operator has them; `settings` are given to each of them."""

    def __init__(self, folder: Path, *, servers: int = 2, workers: int = 1, **settings: str) -> None:
        shutil.copytree(ROOT / "tests" / "knowledge", folder / "knowledge")
        self.folder = folder
        self._workers = workers
        self._settings = settings
        self.ports = [free_port() for _ in range(servers)]
        self.nginx = Nginx(folder, self.ports)
        self.servers = [self.begin(number) for number in range(servers)]
        self.nginx.start()

    def begin(self, number: int) -> Server:
        """Start one of the servers."""
        return Server(
            self.folder,
            "--port",
            str(self.ports[number]),
            "--workers",
            str(self._workers),
            HEMVIST_DATA=str(self.folder / f"data{number}"),
            HEMVIST_TRUSTED_PROXIES="1",
            HEMVIST_SITE_URL=f"https://{Nginx.SITE}:{self.nginx.port}",
            HEMVIST_SECRET_KEY="Vq3-" * 12,
            HEMVIST_MESSAGE_KEY="Wq4-" * 12,
            **self._settings,
        )

    def end(self, number: int) -> None:
        """Stop one of them, and wait until it has."""
        server = self.servers[number]
        assert server.stop() == 0
        server.process.stdout.close()
        server.process.stderr.close()

    def stop(self) -> None:
        """Stop all that runs."""
        self.nginx.stop()
        for number, server in enumerate(self.servers):
            if server.process.poll() is None:
                self.end(number)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Ask once, by a connection of its own."""
        connection = self.nginx.connect()
        try:
            text = body if isinstance(body, bytes | None) else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read()
        finally:
            connection.close()
