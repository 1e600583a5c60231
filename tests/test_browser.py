"""Where a Chromium is looked for."""

from __future__ import annotations

from pathlib import Path

from tests.browser import find_chromium


def executable(path: Path) -> str:
    path.parent.mkdir(exist_ok=True)
    path.touch(0o755)
    return str(path)


def test_what_is_on_the_path(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    chrome, browser = executable(first / "google-chrome"), executable(second / "chromium-browser")
    both = {"PATH": f"{first}:{second}"}
    assert find_chromium(both) == browser  # by name first, then by folder
    assert find_chromium({"PATH": str(first)}) == chrome
    assert find_chromium({"PATH": str(tmp_path)}) is None


def test_the_one_that_is_named(tmp_path: Path) -> None:
    on_path, elsewhere = executable(tmp_path / "bin" / "chromium"), executable(tmp_path / "opt" / "mine")
    path = {"PATH": str(tmp_path / "bin")}
    assert find_chromium(path | {"CHROMIUM": elsewhere}) == elsewhere
    assert find_chromium(path | {"CHROMIUM": ""}) == on_path
    gone = str(tmp_path / "gone")
    assert find_chromium(path | {"CHROMIUM": gone}) == gone  # whose tests fail, and do not skip
