"""What the documentation says of links, configuration, rules, signatures and components holds."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
import shlex
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from modules.roles import read_roles
from modules.serving.rules import parse_rules
from modules.serving.warmup import sample_requests
from modules.typed_config import as_mapping
from pipeline.config import PipelineConfig, read_config
from pipeline.kubeflow.config import TaskConfig

REPOSITORY = Path(__file__).parents[1]
DOCS = REPOSITORY / "docs"
PAGES = sorted([*REPOSITORY.glob("*.md"), *DOCS.rglob("*.md")])
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
CONFIGURATION = (DOCS / "configuration.md").read_text(encoding="utf-8")
SERVING = (DOCS / "serving.md").read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text, flags=re.DOTALL | re.MULTILINE)


def anchors(text: str) -> set[str]:
    """What can follow a # in a link to a page: GitHub's names of its headings."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# --- all pages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_resolve(page: Path) -> None:
    prose = re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"\w+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("page", [*PAGES, DOCS / "flow.svg"], ids=name_of)
def test_says_nothing_of_a_machine_and_leaves_nothing_open(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"(?<![\w.<>])/(?:home|root|tmp|work|Users|var)/\S*", text) == []
    assert re.findall(r"\b(?:TODO|FIXME|XXX|TBD|lorem)\b", text, flags=re.IGNORECASE) == []


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    missing = [page for page in DOCS.rglob("*.md") if f"({page.relative_to(DOCS)})" not in index]
    assert missing == [DOCS / "index.md"]


def test_picture_is_drawn_in_full() -> None:
    root = ElementTree.parse(DOCS / "flow.svg").getroot()
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for box in root.iter("{http://www.w3.org/2000/svg}rect"):
        place = {key: float(box.get(key, "0")) for key in ("x", "y", "width", "height")}
        assert place["x"] + place["width"] <= width and place["y"] + place["height"] <= height


@pytest.mark.parametrize("number", range(1, len(DECISIONS) + 1))
def test_decision_records_have_a_number_and_reasons(number: int) -> None:
    page = DECISIONS[number - 1]
    text = page.read_text(encoding="utf-8")
    assert page.name.startswith(f"{number:04d}-") and text.startswith(f"# {number:04d} ")
    assert re.findall(r"^\*\*(\w+)\.\*\*", text, flags=re.MULTILINE) == ["Context", "Decision", "Consequences"]


# --- configuration ----------------------------------------------------------------------------------------------------


def documented(section: str) -> list[tuple[str, object]]:
    """(key, default) of each row in the table of a section; None where the page says none."""
    text = re.search(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", CONFIGURATION, flags=re.DOTALL | re.MULTILINE)
    assert text, section
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+) \|$", text[1], flags=re.MULTILINE)
    assert all(meaning.strip() for *_, meaning in rows)
    return [(key, None if default == "none" else _toml(default.strip("`"))) for key, default, _ in rows]


def _toml(value: str) -> object:
    return tomllib.loads(f"value = {value}")["value"]


SECTIONS = {field.name: field.default_factory for field in dataclasses.fields(PipelineConfig) if field.name != "seed"}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_is_documented_with_its_default(section: str) -> None:
    # In the form that TOML has: lists for tuples.
    defaults = json.loads(json.dumps(as_mapping(getattr(PipelineConfig(), section))))
    found = documented(f"[{section}]")
    assert [key for key, _ in found] == list(defaults)
    assert dict(found) == defaults
    assert [type(value) for _, value in found] == [type(value) for value in defaults.values()]


def test_every_key_of_a_task_is_documented_with_its_default() -> None:
    defaults = json.loads(json.dumps(as_mapping(TaskConfig())))
    assert documented("[kubeflow.tasks.NAME]") == list(defaults.items())


def test_top_level_is_documented() -> None:
    assert documented("Top level") == [("seed", PipelineConfig().seed)]
    headings = re.findall(r"^## \[(\w+)\]$", CONFIGURATION, flags=re.MULTILINE)
    assert headings == list(SECTIONS)


def test_example_configuration_is_accepted(tmp_path: Path) -> None:
    (example,) = blocks(CONFIGURATION, "toml")
    file = tmp_path / "example.toml"
    file.write_text(example, encoding="utf-8")
    config = read_config(file)
    assert config.seed == 7
    assert config.data.event_weights == {"purchase": 3.0, "like": 1.0, "impression": 0.0}
    assert (config.evaluation.slices, config.serving.rules) == (("device", "region"), "rules.yaml")


# --- serving ----------------------------------------------------------------------------------------------------------


def test_example_rules_are_accepted() -> None:
    (example,) = blocks(SERVING, "yaml")
    rules = parse_rules(example, read_roles(REPOSITORY / "schema" / "demo_shop.pbtxt"))
    assert (rules.deny, rules.pin, dict(rules.cap)) == (("item-7", "item-9"), ("item-3",), {"categories": 2})


def requests(text: str) -> list[dict[str, object]]:
    """The bodies of the requests in shell blocks."""
    lines = [line for block in blocks(text, "sh") for line in block.splitlines() if line.startswith("ask '")]
    return [json.loads(shlex.split(line)[1]) for line in lines]


@pytest.mark.parametrize("page", [DOCS / "serving.md", REPOSITORY / "README.md"], ids=name_of)
def test_example_requests_fit_their_signatures(page: Path) -> None:
    known = sample_requests(b"u", b"i")
    found = requests(page.read_text(encoding="utf-8"))
    assert found
    for request in found:
        expected = known[str(request["signature_name"])]
        inputs = request["inputs"]
        assert isinstance(inputs, dict)
        assert set(inputs) == set(expected)
        for name, value in inputs.items():
            assert np.ndim(np.array(value, object)) == np.ndim(expected[name]), name


def test_every_signature_is_documented_and_asked() -> None:
    for_evaluation = {"evaluate", "evaluate_retrieval"}  # described in a sentence: the pipeline alone asks them
    known = set(sample_requests(b"u", b"i")) - for_evaluation
    assert all(f"`{name}`" in SERVING for name in for_evaluation)
    assert set(re.findall(r"^\| `(\w+)` \|", SERVING, flags=re.MULTILINE)) == known
    assert {request["signature_name"] for request in requests(SERVING)} == known


def test_examples_in_python_are_python() -> None:
    for block in blocks(SERVING, "python"):
        ast.parse(block)


# --- architecture -----------------------------------------------------------------------------------------------------


WIRING = ("checked_examples.py", "models.py", "pipeline.py", "refresh.py")


def wired(file: str) -> set[str]:
    """The components that a file of the wiring makes nodes of."""
    source = ast.parse((REPOSITORY / "pipeline" / file).read_text(encoding="utf-8"))
    imports = [node for node in source.body if isinstance(node, ast.ImportFrom)]
    imported = {
        name.name for node in imports if re.match(r"(tfx\.)?components\b", str(node.module)) for name in node.names
    }
    calls = [node.func for node in ast.walk(source) if isinstance(node, ast.Call)]
    called = {function.id for function in calls if isinstance(function, ast.Name)}
    return {name for name in imported & called if name[0].isupper()} - {"ExampleSettings"}


def test_every_component_is_described() -> None:
    components = set[str]().union(*map(wired, WIRING))
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)`(?: × 2)? \|", text, flags=re.MULTILINE)) == components
