"""Starts the page. A runner: it reads flags and starts Streamlit.

    python -m playground [--root DIR] [--server URL] [--rules FILE_OR_DIR] [--port N] [--headless]

It answers to this machine alone, and asks nobody else but the model server, if one is named.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from pathlib import Path

from modules.command_line import OneLineParser, one_line_errors
from modules.errors import InputError

APP = Path(__file__).with_name("app.py")


@one_line_errors
def main(arguments: list[str]) -> int:
    """Becomes Streamlit, so that whoever ends this process ends the page; returns 2 if it is not installed."""
    parser = OneLineParser(prog="python -m playground", description=__doc__)
    parser.add_argument("--root", metavar="DIR", default="runs", help="where runs wrote to (default: ./runs)")
    parser.add_argument("--server", metavar="URL", default="", help="REST interface of a TensorFlow Serving")
    parser.add_argument("--rules", metavar="FILE_OR_DIR", default=str(APP.parent / "rules"), help="rule files to try")
    parser.add_argument("--port", type=int, default=8502, help="of the page (default: 8502)")
    parser.add_argument("--headless", action="store_true", help="open no browser")
    flags = parser.parse_args(arguments)
    if importlib.util.find_spec("streamlit") is None:
        raise InputError("the page", "Streamlit: uv sync --group demo", "an environment without it")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(APP.parents[1]), os.environ.get("PYTHONPATH", "")])),
        "TF_USE_LEGACY_KERAS": "1",
        "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2"),
    }
    os.execve(sys.executable, [sys.executable, *command(flags)], environment)


def command(flags: argparse.Namespace) -> list[str]:
    """What Python is called with: nothing is sent to Streamlit's makers, and nobody else may connect."""
    options = {
        "server.address": "127.0.0.1",
        "server.port": flags.port,
        "server.headless": "true" if flags.headless else "false",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "global.developmentMode": "false",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    own = ["--root", str(Path(flags.root).resolve()), "--server", flags.server, "--rules", flags.rules]
    return ["-m", "playground.start", "run", str(APP), *words, "--", *own]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
