"""How items are drawn: a picture, a title, what there is to say, and buttons."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from playground.catalogue import Catalogue
from playground.recommender import Shown

Button = tuple[str, str, Callable[[str], None]]  # its label, its tooltip, what it does with the item
_PICTURE = 56  # pixels
_KINDS = {b"\xff\xd8": "jpeg", b"GIF8": "gif", b"BM": "bmp", b"\x89PNG": "png"}


def show_list(
    name: str,
    shown: Sequence[Shown],
    catalogue: Catalogue,
    notes: Mapping[str, str],
    buttons: Sequence[Button] = (),
    moves: Mapping[str, str] | None = None,
) -> None:
    """A ranked list.

    Args:
        name: that tells its buttons from those of other lists.
        shown: best first.
        catalogue: for titles and pictures.
        notes: a line about an item.
        buttons: of each item.
        moves: how an item's place differs from that in another list.
    """
    for place, one in enumerate(shown, 1):
        move = f" · {moves[one.item]}" if moves and one.item in moves else ""
        line = (
            f"**{place}.** {escaped(title_of(one.item, catalogue, one.title))}  \n`{one.item}` · {one.score:.3f}{move}"
        )
        show_item(name, one.item, line, catalogue, notes.get(one.item, ""), buttons)


def show_item(
    name: str, item: str, line: str, catalogue: Catalogue, note: str = "", buttons: Sequence[Button] = ()
) -> None:
    """One item.

    Args:
        name: that tells its buttons from those of other lists.
        item: its id.
        line: Markdown about it.
        catalogue: for its picture.
        note: more about it.
        buttons: below it.
    """
    left, right = st.columns([1, 5])
    with left:
        if item in catalogue.pictures:
            st.image(data_url(catalogue.pictures[item]), width=_PICTURE)
    with right:
        st.markdown(f"{line}  \n:gray[{escaped(note)}]" if note else line)
        if buttons:
            with st.container(horizontal=True):
                for label, help_text, act in buttons:
                    key = f"{name}-{label}-{item}"
                    st.button(label, key=key, help=help_text, on_click=act, args=(item,), type="tertiary")


def data_url(picture: bytes) -> str:
    """An encoded image as part of the page; so it does not pass through Streamlit's media server."""
    kind = next((name for start, name in _KINDS.items() if picture.startswith(start)), "png")
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"


def title_of(item: str, catalogue: Catalogue, title: str = "") -> str:
    """What to call an item: the answer's title, the catalogue's, or its id."""
    return title or catalogue.titles.get(item) or item


def escaped(text: str) -> str:
    """Text that Markdown leaves alone."""
    return "".join(f"\\{one}" if one in "\\`*_{}[]()<>#+-.!|~$:^=" else one for one in text)
