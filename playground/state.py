"""What the page remembers between clicks."""

from __future__ import annotations

import streamlit as st


class State:
    """Lists of item ids in Streamlit's session.

    Attributes:
        history: put together by clicking, oldest first.
        excluded: not to come back.
    """

    def __init__(self) -> None:
        self.history: list[str] = st.session_state.setdefault("history", [])
        self.excluded: list[str] = st.session_state.setdefault("excluded", [])

    def look_at(self, item: str) -> None:
        """Shows an item's neighbours: fills the field that asks whose."""
        st.session_state["similar_to"] = item

    def take(self, item: str) -> None:
        """Adds to the history; what is in it becomes its newest."""
        self.forget(item)
        self.history.append(item)

    def forget(self, item: str) -> None:
        """Takes out of the history."""
        if item in self.history:
            self.history.remove(item)

    def exclude(self, item: str) -> None:
        """Keeps an item from coming back."""
        if item not in self.excluded:
            self.excluded.append(item)

    def allow(self, item: str) -> None:
        """Lets it come back."""
        if item in self.excluded:
            self.excluded.remove(item)
