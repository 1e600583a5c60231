"""The same server in a process of its own, with the flags of tensorflow_model_server that tests need.

python -m tests.model_server --model_config_file FILE [--port N] [--rest_api_port N]

Prints "ready GRPC_PORT REST_PORT" and serves until its standard input is closed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.model_server.server import ModelServer, models_config


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model_config_file", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rest_api_port", type=int, default=0)
    parser.add_argument("--file_system_poll_wait_seconds", type=float, default=1.0)
    flags = parser.parse_args()
    config = models_config(Path(flags.model_config_file).read_text())
    with ModelServer(config, flags.file_system_poll_wait_seconds, flags.rest_api_port, flags.port) as server:
        print("ready", server.grpc_port, server.rest_port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
