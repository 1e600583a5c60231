"""The flags of commands that name a published store."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from components.publishing.opened import open_store
from components.publishing.versions import PublishedVersions
from modules.command_line import OneLineParser


def store_parser(**options: Any) -> OneLineParser:
    """A parser with --root and --store; `options` are those of `argparse.ArgumentParser`."""
    parser = OneLineParser(**options)
    parser.add_argument("--root", metavar="DIR", default="runs", help="where runs wrote to (default: ./runs)")
    parser.add_argument("--store", metavar="URL", help="the published store itself, where it is not under --root")
    return parser


def named_store(flags: argparse.Namespace) -> PublishedVersions:
    """The store that the flags name.

    Raises:
        InputError: it is a URL of which nothing can be opened.
    """
    return open_store(flags.store or str(Path(flags.root).resolve() / "serving"))
