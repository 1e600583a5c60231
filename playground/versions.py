"""Which versions there are, here or on a server, and which of them is shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from components.publishing.store import PublishedStore
from modules.errors import InputError
from playground.catalogue import Catalogue, PublishedVersion
from playground.recommender import LocalServable, Recommender, ServedModel, Unavailable, served_versions

NEWEST = "newest"


@dataclasses.dataclass(frozen=True)
class Place:
    """Where versions are.

    Attributes:
        root: of the runs on this machine.
        url: of a model server; "" for this machine.
    """

    root: Path
    url: str = ""

    def versions(self) -> list[int]:
        """What can be asked, oldest first.

        Raises:
            Unavailable: the server does not answer, or there is nothing.
        """
        found = served_versions(self.url) if self.url else PublishedStore(self.root / "serving").versions()
        if not found:
            where = self.url or f"{self.root / 'serving'}"
            raise Unavailable(f"There is no version at {where} yet. A run publishes one: make run")
        return found

    def recommender(self, version: int) -> Recommender:
        """The version, ready to be asked.

        Raises:
            Unavailable: it cannot be loaded.
        """
        if self.url:
            return Recommender(ServedModel(self.url, version))
        return Recommender(_loaded(str(PublishedStore(self.root / "serving").servable_path(version))))

    def known(self, version: int) -> PublishedVersion | None:
        """What this machine knows of the version; None if it is on the server only."""
        try:
            return _known(str(self.root), version)
        except InputError:
            return None

    def catalogue(self, version: int) -> Catalogue:
        """The version's items; none where it is on the server only."""
        return _catalogue(str(self.root), version) if self.known(version) else Catalogue({}, {}, {})


@st.cache_resource(max_entries=3, show_spinner="Loading the servable …")
def _loaded(folder: str) -> LocalServable:
    return LocalServable(Path(folder))


@st.cache_resource(max_entries=3, show_spinner=False)
def _known(root: str, version: int) -> PublishedVersion:
    return PublishedVersion.read(Path(root), version)


@st.cache_resource(max_entries=3, show_spinner="Reading the catalogue …")
def _catalogue(root: str, version: int) -> Catalogue:
    return _known(root, version).catalogue()


@st.cache_data(max_entries=1000, show_spinner=False)
def stored_history(root: str, version: int, user: str) -> tuple[str, ...]:
    """The history that is built into a version for a user."""
    return _known(root, version).stored_history(user)


def chosen(wanted: int | str | None, found: Sequence[int]) -> tuple[int, str]:
    """The version to show, and what to say if that is not what was shown or wanted before.

    Args:
        wanted: one of those there are, or `NEWEST`.
        found: those there are, oldest first; at least one.
    """
    # Streamlit goes back to the first choice where the chosen one is not offered any more.
    before, wanted_before = st.session_state.get("shown_version"), st.session_state.get("wanted_version", NEWEST)
    shown = wanted if isinstance(wanted, int) else found[-1]
    st.session_state["shown_version"], st.session_state["wanted_version"] = shown, wanted
    if before is None or before == shown:
        return shown, ""
    if before not in found:
        return shown, f"Version {before} is not there any more. Version {shown} answers now."
    if wanted == wanted_before == NEWEST:
        return shown, f"Version {shown} has replaced version {before} while this page was open. It answers now."
    return shown, ""
