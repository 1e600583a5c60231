"""The digest of the source code."""

from __future__ import annotations

from pathlib import Path

from components.local_run.code_version import code_version


def test_python_files_of_the_three_packages_count(tmp_path: Path) -> None:
    seen = [code_version(tmp_path)]

    def write(name: str, text: str) -> bool:
        """Whether writing the file changed the digest."""
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
        seen.append(code_version(tmp_path))
        return seen[-1] != seen[-2]

    assert write("modules/a.py", "x = 1") and write("components/deep/er/b.py", "") and write("pipeline/c.py", "")
    assert write("modules/a.py", "x = 2")
    assert not write("modules/a.py", "x = 2")
    assert not write("modules/notes.md", "x") and not write("datasets/d.py", "x") and not write("tests/e.py", "x")
    assert write("modules/a.py", "x = 1") and seen[-1] == seen[3]
    (tmp_path / "modules" / "a.py").rename(tmp_path / "modules" / "z.py")
    assert code_version(tmp_path) not in seen


def test_what_moves_from_one_file_to_the_next_counts(tmp_path: Path) -> None:
    versions = set()
    for first, second in (("ab", "c"), ("a", "bc"), ("", "abc")):
        (tmp_path / "modules").mkdir(exist_ok=True)
        (tmp_path / "modules" / "a.py").write_text(first)
        (tmp_path / "modules" / "b.py").write_text(second)
        versions.add(code_version(tmp_path))
    assert len(versions) == 3 and all(len(version) == 12 for version in versions)
