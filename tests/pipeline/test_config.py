"""The configuration file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from components.source import DataConfig
from modules.errors import InputError
from pipeline.config import PipelineConfig, read_config


def _read(folder: Path, text: str | bytes) -> PipelineConfig:
    path = folder / "my.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_config(path)


def test_every_key_has_a_default(tmp_path: Path) -> None:
    assert read_config(None) == PipelineConfig() == _read(tmp_path, "")
    assert PipelineConfig().seed == 42


def test_the_keys_with_fixed_names(tmp_path: Path) -> None:
    config = _read(
        tmp_path,
        """
        seed = 7
        [data]
        positive_min = 4
        [data.event_weights]
        view = 0
        buy = 2.5
        [retrieval]
        query_tower = "mf"
        [evaluation]
        slices = ["gender"]
        [gate]
        popularity_ratio_min = 1.3
        [serving]
        history_until = "train"
        """,
    )
    assert config.seed == 7
    assert config.data == DataConfig(positive_min=4.0, event_weights={"view": 0.0, "buy": 2.5})
    assert config.retrieval.query_tower == "mf"
    assert config.evaluation.slices == ("gender",)
    assert config.gate.popularity_ratio_min == 1.3
    assert config.serving.history_until == "train"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sead = 1", r'my.toml: expected keys out of \[.seed., .*received unknown key "sead"'),
        ("[dat]", 'unknown key "dat"'),
        ("[data]\npositiv_min = 1", 'my.toml, key data: expected keys out of .*unknown key "positiv_min"'),
        ("seed = 1.5", "my.toml, key seed: expected a value of type int, received 1.5"),
        ("seed = true", "key seed: expected a value of type int"),
        ("seed = -1", "config, key seed: expected a whole number from 0 to 2147483647, received -1"),
        ("seed = 2147483648", "a whole number from 0 to 2147483647"),
        ('[data]\npositive_min = "4"', "my.toml, key data, key positive_min: expected a value of type float"),
        ("[data]\neval_fraction = nan", "a share between 0 and 1, received nan"),
        ("[data]\neval_fraction = 0.6\ntest_fraction = 0.4", "something left to train on"),
        ("[data.event_weights]\nview = 0", "a weight above 0 for some kind"),
        ("[serving]\nretrieve_k = 0", "a whole number above 0, received 0"),
        ('[serving]\nhistory_until = "test"', "one of all, eval, train|one of .'all', 'eval', 'train'"),
        ("data = 3", "my.toml, key data: expected a table of keys, received 3"),
        ("seed = ", "my.toml: expected TOML, received Invalid value"),
        ("seed = 1\nseed = 2", "expected TOML, .*Cannot overwrite"),
        (f"seed = {'9' * 5000}", "expected TOML"),
        (b"# caf\xe9", "a readable UTF-8 text file"),
    ],
)
def test_refusals(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        _read(tmp_path, text)
    assert "\n" not in str(raised.value)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"config .*none.toml: expected a readable UTF-8 text file, received .*No such"
    ):
        read_config(tmp_path / "none.toml")


def test_the_digest_is_that_of_the_values(tmp_path: Path) -> None:
    assert _read(tmp_path, "# comment\nseed = 42").digest() == PipelineConfig().digest()
    assert _read(tmp_path, "[data]\npositive_min = 4").digest() == _read(tmp_path, "data.positive_min = 4.0").digest()
    digests = {
        PipelineConfig().digest(),
        _read(tmp_path, "seed = 1").digest(),
        _read(tmp_path, "[gate]\nindex_recall_min = 0").digest(),
    }
    assert len(digests) == 3


def test_a_file_of_what_differs_is_read_back(tmp_path: Path) -> None:
    assert PipelineConfig().to_toml() == ""
    config = _read(
        tmp_path,
        """
        seed = 7
        [data]
        positive_min = 3.5
        [data.event_weights]
        'add to "cart"' = 2
        view = 0.5
        [ranking]
        hidden = [8]
        [evaluation]
        slices = ["gender", "café"]
        [serving]
        rules = 'C:\\rules.yaml'
        """,
    )
    assert _read(tmp_path, config.to_toml()) == config
    assert config.to_toml().startswith("seed = 7\n\n[data]\npositive_min = 3.5\n\n[data.event_weights]\n")


def test_what_a_search_found(tmp_path: Path) -> None:
    config = _read(tmp_path, "[retrieval]\nepochs = 3\n[tuner]\ntrials = 9\n[gate]\nindex_recall_min = 0.5")
    text = config.tuned({"dimension": 96, "learning_rate": 0.0012345, "query_tower": "gru"}).to_toml()
    assert text == (
        '[retrieval]\nquery_tower = "gru"\ndimension = 96\nepochs = 3\nlearning_rate = 0.00123\n'
        "\n[gate]\nindex_recall_min = 0.5\n"
    )
    assert _read(tmp_path, text).tuner.trials == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tuner]\ntrials = -1", r"\[tuner\], key trials: expected a number from 0"),
        ('[tuner]\ntowers = ["mlp"]', "key tuner, key towers: expected one of"),
        ('[tuner]\ntowers = ["gru"]\n[retrieval]\nloss = "squared_error"', r"\[retrieval\], key loss"),
    ],
)
def test_a_search_that_cannot_be_made(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        _read(tmp_path, text)


def test_nothing_can_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        PipelineConfig().seed = 1  # type: ignore[misc]
