"""Starts and stops a Flink cluster on this host: `python -m deploy.flink start`, `status` or `stop`.

A JobManager, two TaskManagers, Python workers and Beam's job server; prints the options to give to Beam.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deploy.flink import parts
from deploy.flink.cluster import Cluster


def main(arguments: list[str]) -> int:
    """Does what the command says and returns the exit status: 0, or 2 with one line that says what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("start", "status", "stop"))
    parser.add_argument("--folder", type=Path, default=parts.CACHE / "run", help="of configuration, logs and scratch")
    flags = parser.parse_args(arguments)
    cluster = Cluster(flags.folder.resolve())
    if flags.command == "stop":
        cluster.stop()
        return 0
    if flags.command == "start":
        try:
            start(cluster)
        except (parts.MissingPart, RuntimeError) as error:
            cluster.stop()
            sys.stderr.write(f"error: {error}\n")
            return 2
    for name, pid in cluster.processes.running().items():
        sys.stdout.write(f"{name:<14}{pid}\n")
    if flags.command == "start":
        sys.stdout.write(f"\n-- {' '.join(cluster.beam_options())}\n")
    return 0


def start(cluster: Cluster) -> None:
    """Starts all parts, after bringing what is missing.

    Raises:
        MissingPart: something cannot be brought.
        RuntimeError: it runs already, or a part does not come up.
    """
    if cluster.processes.running():
        raise RuntimeError(f"a cluster runs already in {cluster.folder}; stop it first")
    parts.java(), parts.job_server_jars()  # before minutes go into the rest
    cluster.start_flink()
    cluster.start_workers()
    cluster.start_job_server()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
