"""The page, started by `python -m playground`: Streamlit runs this file anew whenever something is clicked."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import streamlit as st

from modules.errors import InputError
from modules.serving.rules import Rules, read_rules
from playground import sections
from playground.catalogue import PublishedVersion
from playground.recommender import Question, Unavailable
from playground.state import State
from playground.versions import NEWEST, Place, chosen
from playground.view import View


def main(arguments: list[str]) -> None:
    """Draws the page."""
    st.set_page_config(page_title="Try the recommender", layout="wide")
    flags = parse_flags(arguments)
    st.title("Try the recommender")
    try:
        _draw(flags)
    except Unavailable as error:
        st.error(str(error), icon=":material/cloud_off:")
        st.button("Try again")


def parse_flags(arguments: list[str]) -> argparse.Namespace:
    """The flags, which `python -m playground` hands on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, default=Path("runs"))
    parser.add_argument("--server", default="")
    parser.add_argument("--rules", type=Path, default=Path(__file__).parent / "rules")
    return parser.parse_args(arguments)


def _draw(flags: argparse.Namespace) -> None:
    # The choices are drawn whatever happens below: Streamlit forgets those of a run that does not come to them.
    place = _place(flags)
    versions = st.sidebar.container()
    k, diversity, rule_file = _settings(flags)
    found = place.versions()
    with versions:
        version, compared, said = _versions(found)
    if said:
        st.warning(said, icon=":material/published_with_changes:")
    _watch(found)
    recommender, known = place.recommender(version), place.known(version)
    catalogue = place.catalogue(version)
    if recommender.is_empty():
        st.warning(f"The catalogue of version {version} is empty, or its rules deny all of it: nothing to recommend.")
        return
    if known is None:
        st.info("This machine has no copy of the version: titles are the server's; there are no pictures, no search.")
    state = State()
    asker = sections.who(state, place, version, known, catalogue)
    question = Question(asker.user, asker.sent, tuple(state.excluded))
    sections.excluded(state, catalogue)
    rules = _rules(rule_file, known)
    view = View(recommender, catalogue, question, asker.history, k, diversity, rules)
    sections.both_orders(state, view)
    sections.similar(state, view, known)
    if compared is not None:
        other = place.recommender(compared)
        sections.comparison(state, view, version, compared, other, place.catalogue(compared))


def _place(flags: argparse.Namespace) -> Place:
    with st.sidebar:
        where = st.radio(
            "Where",
            ["this machine", "TensorFlow Serving"],
            index=1 if flags.server else 0,
            key="where",
            horizontal=True,
        )
        if where == "this machine":
            return Place(flags.root)
        url = st.text_input("Address of its REST interface", flags.server or "http://localhost:8501", key="url")
        return Place(flags.root, url)


def _versions(found: list[int]) -> tuple[int, int | None, str]:
    """The version to show, the one to compare it with, and what is to be said of the former."""
    newest_first = found[::-1]
    choices: list[int | str] = [NEWEST, *newest_first]
    wanted = st.selectbox("Version", choices, key="version")
    version, said = chosen(wanted, found)
    others = [None, *(one for one in newest_first if one != version)]
    compared = st.selectbox("Compare with", others, key="compared", format_func=lambda one: str(one or "nothing"))
    return version, compared, said


@st.fragment(run_every="3s")
def _watch(found: list[int]) -> None:
    """Says so when what is drawn is not what there is any more, also while nobody clicks."""
    place = Place(parse_flags(sys.argv[1:]).root, st.session_state.get("url", "") if _remote() else "")
    try:
        now = place.versions()
    except Unavailable as error:
        st.error(str(error), icon=":material/cloud_off:")
        return
    if now != found:
        st.warning(f"The versions have changed: now there are {', '.join(map(str, now[::-1]))}.")
        if st.button("Show what there is now", key="reload"):
            st.rerun()


def _remote() -> bool:
    return bool(st.session_state.get("where") == "TensorFlow Serving")


def _settings(flags: argparse.Namespace) -> tuple[int, float, Path | None]:
    """Length, diversity and the rule file."""
    with st.sidebar:
        k = st.slider("Items", 3, 30, 10, key="k")
        help_text = "As [serving] diversity would: how much an answer avoids items that are alike."
        diversity = st.slider("Diversity", 0.0, 0.9, 0.0, 0.1, key="diversity", help=help_text)
        files = sorted(flags.rules.glob("*.yaml")) if flags.rules.is_dir() else [flags.rules]
        help_text = "On top of the rules that are built in, as [serving] rules would."
        file = st.selectbox(
            "Rule file",
            [None, *files],
            key="rules",
            help=help_text,
            format_func=lambda one: one.name if one else "none",
        )
        if file is not None:
            st.code(_text(file), language="yaml")
    return k, diversity, file


def _rules(file: Path | None, known: PublishedVersion | None) -> Rules:
    """What the rule file says; nothing, and why, where it cannot be read."""
    if file is None:
        return Rules()
    if known is None:
        st.warning("Rules need the schema, which is where the version was published.")
        return Rules()
    try:
        return read_rules(file, known.roles)
    except InputError as error:
        st.error(str(error))
        return Rules()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return str(error)


if __name__ == "__main__":
    main(sys.argv[1:])
