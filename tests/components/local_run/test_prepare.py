"""What is looked at before the first component starts."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.evaluation.config import EvaluationConfig
from components.local_run.prepare import Prepared, prepare
from components.source import DataConfig
from modules.errors import InputError
from modules.serving.config import ServingConfig

_SCHEMA = """
feature { name: "user" type: INT annotation { tag: "user_id" } }
feature { name: "item" type: INT annotation { tag: "item_id" } }
feature { name: "device" type: BYTES annotation { tag: "context" tag: "categorical" } }
feature { name: "kind" type: BYTES annotation { tag: "item" tag: "categorical" } }
feature { name: "gender" type: BYTES annotation { tag: "user" tag: "categorical" } }
feature { name: "zip" type: BYTES annotation { tag: "user" tag: "categorical" } }
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with the three tables and their schema: 40 users, of two genders and 40 places, and 3 items."""
    (tmp_path / "interactions.csv").write_text(
        "user,item,device\n" + "".join(f"{n},{n % 3},{['phone', 'desk', ''][n % 3]}\n" for n in range(40))
    )
    (tmp_path / "items.csv").write_text("item,kind\n0,a\n1,b\n2,a\n")
    (tmp_path / "users.csv").write_text("user,gender,zip\n" + "".join(f"{n},{'fm'[n % 2]},z{n}\n" for n in range(40)))
    (tmp_path / "shop.pbtxt").write_text(_SCHEMA)
    return tmp_path


def _prepare(
    shop: Path,
    data: DataConfig | None = None,
    evaluation: EvaluationConfig | None = None,
    serving: ServingConfig | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Prepared:
    return prepare(
        str(shop),
        str(shop / "shop.pbtxt"),
        data or DataConfig(),
        evaluation or EvaluationConfig(),
        serving or ServingConfig(),
        say,
    )


def test_what_fits(shop: Path) -> None:
    (shop / "rules.yaml").write_text("deny: [1]\ncap: {kind: 1}\n")
    said: list[str] = []
    found = _prepare(shop, serving=ServingConfig(rules=str(shop / "rules.yaml"), retrieve_k=3), say=said.append)
    assert (found.source, found.schema_text, found.rules_text) == (str(shop), _SCHEMA, "deny: [1]\ncap: {kind: 1}\n")
    assert found.slice_columns == ("device", "gender")  # a value per user is no slice
    assert said == [f"source  {shop}: 40 interactions, 3 items, 40 users"]


def test_slices_of_ones_own(shop: Path) -> None:
    assert _prepare(shop, evaluation=EvaluationConfig(slices=("zip",))).slice_columns == ("zip",)
    assert _prepare(shop, evaluation=EvaluationConfig(slices=())).slice_columns == ()


def test_the_newest_span(shop: Path, tmp_path: Path) -> None:
    for span in (3, 12):
        shutil.copytree(shop, tmp_path / "spans" / f"span{span}", ignore=shutil.ignore_patterns("spans"))
    source = f"{tmp_path}/spans/span{{SPAN}}"
    arguments = (str(shop / "shop.pbtxt"), DataConfig(), EvaluationConfig(), ServingConfig(), lambda line: None)
    assert prepare(source, *arguments).source == f"{tmp_path}/spans/span12"
    assert prepare(source, *arguments, span="3").source == f"{tmp_path}/spans/span3"


def test_the_fingerprint_follows_the_data_alone(shop: Path) -> None:
    before = _prepare(shop).fingerprint
    (shop / "shop.pbtxt").write_text(_SCHEMA + "# comment")
    assert _prepare(shop).fingerprint == before
    (shop / "items.csv").write_text("item,kind\n0,a\n1,b\n2,c\n")
    assert _prepare(shop).fingerprint != before


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        (
            {"evaluation": EvaluationConfig(protocol="next_item")},
            'protocol: expected "per_user" or "auto" where .*no time',
        ),
        ({"evaluation": EvaluationConfig(slices=("kind",))}, "feature columns of users or context"),
        (
            {"serving": ServingConfig(retrieve_k=4)},
            "retrieve_k: expected at most the 3 items of the catalogue, received 4",
        ),
        (
            {"serving": ServingConfig(calibrated="price")},
            r"calibrated: expected a categorical item column \(kind\), received price",
        ),
        ({"serving": ServingConfig(rules="none.yaml")}, "rules none.yaml: expected a readable UTF-8 text file"),
    ],
)
def test_sections_that_do_not_fit_the_data(shop: Path, sections: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        _prepare(shop, **sections)


def test_files_that_do_not_fit(shop: Path) -> None:
    (shop / "rules.yaml").write_text("cap: {price: 1}")
    with pytest.raises(InputError, match=r"rules .*rules.yaml, key cap.price: expected a categorical item column"):
        _prepare(shop, serving=ServingConfig(rules=str(shop / "rules.yaml")))
    (shop / "users.csv").unlink()
    with pytest.raises(InputError, match='a table "users" with the user features of the schema'):
        _prepare(shop)
    (shop / "shop.pbtxt").write_text(_SCHEMA + 'feature { name: "x" type: INT annotation { tag: "y" } }')
    with pytest.raises(InputError, match=r"^schema .*shop.pbtxt, line 8: expected tags out of"):
        _prepare(shop)
    (shop / "shop.pbtxt").unlink()
    with pytest.raises(InputError, match="a readable UTF-8 text file"):
        _prepare(shop)


def test_a_password_stays_here(fill: Any, postgres: str, tmp_path: Path) -> None:
    rows = [{"user": n, "item": n} for n in (1, 2)]
    fill(postgres, interactions=rows, items=[{"item": 1}, {"item": 2}])
    (tmp_path / "ids.pbtxt").write_text("\n".join(_SCHEMA.splitlines()[:3]))
    secret = postgres.replace("postgres:", "postgres:swordfish", 1)
    assert "swordfish" in secret
    said: list[str] = []
    sections = DataConfig(), EvaluationConfig(), ServingConfig()
    found = prepare(secret, str(tmp_path / "ids.pbtxt"), *sections, said.append)
    assert "swordfish" not in f"{found}{said}" and ":***@" in found.source
