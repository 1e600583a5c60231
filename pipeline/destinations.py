"""Where a run on this machine publishes, and which published version it goes by."""

from __future__ import annotations

from pathlib import Path

from components.publishing.parts import WITHDRAWN
from components.publishing.refreshed import models_for
from components.publishing.store import PublishedStore
from modules.errors import InputError
from pipeline.inputs import Destination, RunInputs


def local_destination(inputs: RunInputs, root: Path, baseline_root: str | None) -> Destination:
    """Where a run publishes, and the published version to compare with.

    Args:
        inputs: what the run is made of.
        root: of the run.
        baseline_root: another root, whose newest version to compare with.

    Raises:
        InputError: nothing was published from that other root.
    """
    store = PublishedStore(root / "serving")
    version, compared = store.baseline_for(inputs.digest()), store
    if baseline_root is not None:
        compared = PublishedStore(Path(baseline_root).resolve() / "serving")
        version = compared.latest()
        if version is None:
            raise InputError("--baseline-root", "the root of a run that published a version", baseline_root)
    withdrawn = store.newest_manifest().get(WITHDRAWN, {}).get("run_digests", [])
    return Destination(
        str(store.root), store.identity(), version or 0, str(compared.root), inputs.digest() in withdrawn
    )


def refresh_destination(inputs: RunInputs, root: Path) -> Destination:
    """Where a refresh publishes, and the published version whose models are taken."""
    store = PublishedStore(root / "serving")
    return Destination(str(store.root), store.identity(), models_for(store, inputs.digest()) or 0)
