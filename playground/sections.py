"""The parts of the page, from top to bottom."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import streamlit as st

from modules.serving.rules import Rules
from playground.cards import Button, escaped, show_item, show_list, title_of
from playground.catalogue import Catalogue, PublishedVersion
from playground.recommender import Recommender
from playground.state import State
from playground.versions import Place, stored_history
from playground.view import View

_KNOWN, _OWN = "a user", "a history of my own"
_LISTED_USERS, _FOUND, _HISTORY_SHOWN = 1000, 6, 8


@dataclasses.dataclass(frozen=True)
class Asker:
    """Who asks.

    Attributes:
        user: an id; "" for somebody without one.
        sent: the history that is sent in place of a stored one.
        history: what the answer rests on, as far as it is known; oldest first.
    """

    user: str
    sent: tuple[str, ...] = ()
    history: tuple[str, ...] = ()


def who(state: State, place: Place, version: int, known: PublishedVersion | None, catalogue: Catalogue) -> Asker:
    """Lets choose who asks."""
    st.subheader("Who asks")
    if st.radio("Recommend to", [_KNOWN, _OWN], key="who", horizontal=True) == _OWN:
        _own_history(state, known, catalogue)
        return Asker("", tuple(state.history), tuple(state.history))
    listed = list(known.users[:_LISTED_USERS]) if known else []
    left, right = st.columns(2)
    with left:
        picked = st.selectbox("A known user", listed, key="user")
    with right:
        typed = st.text_input("or any id", key="user-id")
    user = typed.strip() or picked or ""
    if known is None or not user:
        return Asker(user)
    if user not in known.users:
        st.info(f"User {escaped(user)} is unknown to version {version} and is served like somebody new.")
        return Asker(user)
    history = stored_history(str(place.root), version, user)
    if history:
        with st.expander(f"The stored history: {_counted(history)}, the newest first", expanded=False):
            _row("stored", history[::-1][:_HISTORY_SHOWN], catalogue)
    return Asker(user, (), history)


def _own_history(state: State, known: PublishedVersion | None, catalogue: Catalogue) -> None:
    text = st.text_input("Search items by title, or type an id", key="search")
    if text:
        found = catalogue.search(text, _FOUND)
        if found:
            _row("found", found, catalogue, [("add", "Add to the history", state.take)])
        elif known is None:
            st.button("Add this id", key="add-id", on_click=state.take, args=(text.strip(),))
        else:
            st.info(f"No item is called “{escaped(text)}”, and there is no such id in the catalogue.")
    if not state.history:
        st.caption("The history is empty: this is what somebody sees of whom nothing is known.")
        return
    st.caption(f"The history, the newest first: {_counted(state.history)}")
    _row("history", state.history[::-1], catalogue, [("remove", "Take out of the history", state.forget)])
    st.button("Clear the history", key="clear", on_click=state.history.clear)


def excluded(state: State, catalogue: Catalogue) -> None:
    """What must not come back."""
    if state.excluded:
        st.caption("Excluded")
        _row("excluded", state.excluded, catalogue, [("allow", "Let it come back", state.allow)])


def both_orders(state: State, view: View) -> None:
    """Retrieval and the final order, side by side."""
    st.subheader("What comes back")
    retrieved, final = view.recommender.retrieval(view.question, view.k), view.final()
    if not final:
        st.warning("Nothing is left to recommend: every item is seen or excluded.")
        return
    if view.diversity or view.rules != Rules():
        st.caption("The final order is a preview: diversity and rules are built into a servable by the next run.")
    why = view.why([*retrieved, *final])
    places = {one.item: place for place, one in enumerate(retrieved, 1)}
    moves = {one.item: _move(places.get(one.item), place) for place, one in enumerate(final, 1)}
    left, right = st.columns(2)
    with left:
        st.markdown("#### Retrieval alone")
        show_list("retrieval", retrieved, view.catalogue, why, _buttons(state))
    with right:
        st.markdown("#### Final order")
        show_list("final", final, view.catalogue, why, _buttons(state), moves)


def similar(state: State, view: View, known: PublishedVersion | None) -> None:
    """The neighbours of an item."""
    st.subheader("Similar items")
    typed = st.text_input("Of which item? Its id, or a click on “similar” above", key="similar_to")
    item = typed.strip()
    if not item:
        return
    (found,) = view.recommender.similar([item], view.k)
    if not found:
        unknown = known is not None and item not in known.items
        st.info(
            f"Item {escaped(item)} is {'not in the catalogue of this version' if unknown else 'like no other item'}."
        )
        return
    st.markdown(f"#### Like {escaped(title_of(item, view.catalogue))}")
    show_list("similar", found, view.catalogue, {}, [("similar", "Show items like this one", state.look_at)])


def comparison(
    state: State, view: View, version: int, compared: int, other: Recommender, other_catalogue: Catalogue
) -> None:
    """The final orders of two versions, side by side."""
    st.subheader("Two versions")
    theirs = dataclasses.replace(view, recommender=other, catalogue=other_catalogue)
    ours_list, their_list = view.final(), theirs.final()
    their_places = {one.item: place for place, one in enumerate(their_list, 1)}
    shared = sum(one.item in their_places for one in ours_list)
    st.caption(f"{shared} of {len(ours_list)} items are in both lists.")
    left, right = st.columns(2)
    with left:
        st.markdown(f"#### Version {compared}")
        show_list("theirs", their_list, other_catalogue, theirs.why(their_list))
    with right:
        st.markdown(f"#### Version {version}")
        moves = {one.item: _move(their_places.get(one.item), place) for place, one in enumerate(ours_list, 1)}
        show_list("ours", ours_list, view.catalogue, view.why(ours_list), (), moves)


def _move(before: int | None, now: int) -> str:
    if before is None:
        return "new here"
    if before == now:
        return "same place"
    return f"{'up' if before > now else 'down'} from {before}"


def _counted(items: Sequence[str]) -> str:
    return f"{len(items)} item{'' if len(items) == 1 else 's'}"


def _buttons(state: State) -> list[Button]:
    return [
        ("exclude", "Ask again without this item", state.exclude),
        ("similar", "Show items like this one", state.look_at),
    ]


def _row(name: str, items: Sequence[str], catalogue: Catalogue, buttons: Sequence[Button] = ()) -> None:
    """Items in lines of four."""
    for start in range(0, len(items), 4):
        for column, item in zip(st.columns(4), items[start : start + 4], strict=False):
            with column:
                show_item(name, item, f"{escaped(title_of(item, catalogue))}  \n`{item}`", catalogue, "", buttons)
