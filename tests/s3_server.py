"""A real S3 server over HTTP in a process of its own, and a line to it that can be cut."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3

KEYS = {"AWS_ACCESS_KEY_ID": "someone", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}


class S3Server:
    """moto's standalone server.

    Args:
        folder: for its log.
    """

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self._log = (folder / "s3.log").open("w")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert self._process.poll() is None and time.monotonic() < deadline, (folder / "s3.log").read_text()
            time.sleep(0.05)

    def client(self) -> Any:
        """A client of Amazon's own."""
        keys = {"aws_access_key_id": KEYS["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": KEYS["AWS_SECRET_ACCESS_KEY"]}
        return boto3.client("s3", endpoint_url=self.url, region_name=KEYS["AWS_DEFAULT_REGION"], **keys)

    def environment(self, url: str | None = None) -> dict[str, str]:
        """What a process finds in its environment that uses the server (through another address)."""
        return {**os.environ, **KEYS, "AWS_ENDPOINT_URL": url or self.url}

    def objects(self, bucket: str, prefix: str = "") -> dict[str, bytes]:
        """Everything in a bucket by name, as a stranger sees it."""
        client = self.client()
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        return {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}

    @contextlib.contextmanager
    def checking_keys(self) -> Iterator[None]:
        """Refuses whoever has no user's key, as long as it lasts; there are no users."""
        self._after(0)
        try:
            yield
        finally:
            self._after(10**9)

    def _after(self, requests: int) -> None:
        headers = {"Content-Type": "text/plain"}
        request = urllib.request.Request(f"{self.url}/moto-api/reset-auth", str(requests).encode(), headers)
        urllib.request.urlopen(request, timeout=30).close()

    def stop(self) -> None:
        """Ends the process."""
        self._process.terminate()
        self._process.wait(30)
        self._log.close()


class Line:
    """A way to a server that breaks after so many bytes, and stays broken.

    Args:
        port: of the server on this machine.
        lasts: bytes from clients that get through.
    """

    def __init__(self, port: int, lasts: int) -> None:
        self._target, self._left = port, lasts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.broken = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while not self.broken.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            threading.Thread(target=self._copy, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._copy, args=(server, client, False), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError), source, target:
            while data := source.recv(1 << 16):
                if counted:
                    self._left -= len(data)
                    if self._left < 0:
                        self.cut()
                        return
                target.sendall(data)

    def cut(self) -> None:
        """Breaks it."""
        self.broken.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
