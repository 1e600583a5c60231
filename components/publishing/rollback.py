"""Makes an earlier version the served one. A runner: it reads flags and prints.

python -m components.publishing.rollback                             the version before the one that is served
python -m components.publishing.rollback --root DIR --to VERSION     another one
python -m components.publishing.rollback --store URL --list          what there is, in an object store

Exit status: 0 done; 2 there is no such version, or it is not what was published.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from components.publishing.parts import DIGESTS, ROLLED_BACK_TO, SERVABLE, WITHDRAWN
from components.publishing.store_flags import named_store, store_parser
from components.publishing.verified import fetch_verified
from components.publishing.versions import PublishedVersions
from modules.command_line import DONE, one_line_errors
from modules.errors import InputError


def roll_back(store: PublishedVersions, target: int | None = None) -> int:
    """Publishes an earlier version again, with everything that was kept with it, as the newest.

    A model server takes the highest number, so it changes over in the one step in which the new folder gets its
    name, and has the old one until then. The versions after the target are kept, and noted as withdrawn: the gate
    refuses a run that would make one of them once more.

    Args:
        store: the published versions.
        target: one of them; None: the newest that was neither withdrawn nor is what is served.

    Returns:
        The number of the new version.

    Raises:
        InputError: there is no such version, or its files are not those that were published.
    """
    served = store.latest()
    if served is None:
        raise InputError("the store", "a published version", "none")
    if target is None:
        target = _before(store, served)
    if target not in store.versions() or target == served:
        others = ", ".join(str(version) for version in store.versions() if version != served)
        raise InputError("--to", f"a version before the served one ({others or 'there is none'})", target)
    manifest = store.manifest(target)
    withdrawn = [version for version in store.versions() if version > target]
    digests = {digest for version in withdrawn for digest in _digests(store, version)}
    told = {
        ROLLED_BACK_TO: origin(manifest),
        WITHDRAWN: {"versions": withdrawn, "run_digests": sorted(digests - {manifest.get("run_digest")})},
    }
    with tempfile.TemporaryDirectory() as scratch:
        copies = {name: Path(scratch) / name for name in (SERVABLE, *store.parts(target))}
        for name, copy in copies.items():
            fetch_verified(store, target, manifest.get(DIGESTS, {}), name, copy)
        return store.publish(copies.pop(SERVABLE), copies, {**manifest, **told})


def origin(manifest: dict[str, Any]) -> int:
    """The version whose run made what a version serves: itself, but for one that is there by a rollback."""
    return int(manifest.get(ROLLED_BACK_TO, manifest["version"]))


def _before(store: PublishedVersions, served: int) -> int:
    """The newest version that was not withdrawn and is something else than what is served."""
    manifest = store.manifest(served)
    gone = set(manifest.get(WITHDRAWN, {}).get("versions", []))
    left = [version for version in store.versions() if version < origin(manifest) and version not in gone]
    if not left:
        raise InputError("the store", f"a version before {origin(manifest)}", "none")
    return left[-1]


def _digests(store: PublishedVersions, version: int) -> list[str]:
    """Of the runs that made a version, or that had been withdrawn when it came; none of a broken manifest."""
    try:
        manifest = store.manifest(version)
    except InputError:
        return []
    return [manifest.get("run_digest", ""), *manifest.get(WITHDRAWN, {}).get("run_digests", [])]


@one_line_errors
def main(arguments: list[str]) -> int:
    """Rolls back, or lists; returns the exit status."""
    parser = store_parser(prog="python -m components.publishing.rollback", description=__doc__)
    parser.add_argument("--to", metavar="VERSION", type=int, help="the version to serve again")
    parser.add_argument("--list", action="store_true", help="only show the versions")
    flags = parser.parse_args(arguments)
    store = named_store(flags)
    if not flags.list:
        version = roll_back(store, flags.to)
        served = origin(store.manifest(version))
        sys.stdout.write(f"version {version} now serves what version {served} served\n")
    sys.stdout.writelines(f"{line}\n" for line in listing(store))
    return DONE


def listing(store: PublishedVersions) -> list[str]:
    """A line for each version, the newest, which is the served one, first."""
    withdrawn = store.newest_manifest().get(WITHDRAWN, {}).get("versions", [])
    lines = []
    for version in reversed(store.versions()):
        moment = datetime.fromtimestamp(version, UTC).isoformat(sep=" ", timespec="seconds")
        notes = ["served"] if version == store.latest() else []
        notes += ["withdrawn"] if version in withdrawn else []
        try:
            first = origin(store.manifest(version))
        except InputError:
            notes.append("its manifest cannot be read")
        else:
            notes += [f"as {first}"] if first != version else []
        lines.append(f"  {version}  {moment}  {', '.join(notes)}".rstrip())
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
