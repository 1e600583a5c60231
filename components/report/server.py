"""Serves the folder of reports to this machine only."""

from __future__ import annotations

import functools
import http.server
from http import HTTPStatus
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
_NAMES = ("localhost", HOST)


class ReportServer(http.server.ThreadingHTTPServer):
    """Answers requests for the files of a folder, to whoever is on this machine.

    Attributes:
        url: of the list of runs.
    """

    def __init__(self, reports_dir: str | Path, port: int = 0) -> None:
        """Listens; call `serve_forever` to answer.

        Args:
            reports_dir: folder with `index.html`.
            port: 0 for any that is free.

        Raises:
            OSError: the port is taken.
        """
        super().__init__((HOST, port), functools.partial(_Handler, directory=str(reports_dir)))
        self.url = f"http://{HOST}:{self.server_address[1]}/"


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Files only: no listings, nothing hidden, and no answer to pages of other sites."""

    def send_head(self) -> Any:
        """Checks before the file is opened."""
        # Another site may have its name resolved to this machine; the browser still says whom it means.
        if self.headers.get("Host", "").rsplit(":", 1)[0] not in _NAMES:
            self.send_error(HTTPStatus.FORBIDDEN)
            return None
        path = Path(self.translate_path(self.path))
        if any(part.startswith(".") for part in path.relative_to(self.directory).parts):
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def list_directory(self, path: Any) -> None:
        """There is a page for every folder that has something to show."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """Reports of a run that goes on change."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing."""
