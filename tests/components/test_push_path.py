"""From evidence to a published version: the components run for real, in one TFX pipeline."""

import dataclasses
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tensorflow as tf
import tensorflow_data_validation as tfdv
from google.protobuf import text_format
from ml_metadata import metadata_store
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.dsl.components.common.importer import Importer
from tfx.orchestration import metadata, pipeline
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.types import standard_artifacts
from tfx.types.artifact import Artifact

from components.artifacts import Metrics
from components.folder_digest import folder_digest
from components.json_file import write_json
from components.publishing.baseline import BaselineModels
from components.publishing.pusher import Pusher
from components.publishing.store import PublishedStore
from components.servable_check.component import SAMPLE_REQUESTS, ServableCheck
from components.validation_gate.component import ValidationGate
from modules.errors import InputError

SCHEMA = 'feature { name: "rating" type: FLOAT float_domain { max: 5 } }'
REQUESTS = [{"signature": "serving_default", "inputs": {"user_id": ["ann", "bob"]}}]


@pytest.fixture(scope="module", autouse=True)
def _models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A SavedModel that greets, and one that fails when asked."""

    class Greeter(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "user_id")])
        def greet(self, user_id: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"greeting": tf.strings.join(["hello ", user_id])}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "user_id")])
        def fail(self, user_id: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"number": tf.strings.to_number(user_id)}

    folder, greeter = tmp_path_factory.mktemp("models"), Greeter()
    for name, function in (("good", greeter.greet), ("bad", greeter.fail)):
        target = folder / name / "Format-Serving"
        tf.saved_model.save(greeter, str(target), {"serving_default": function})
        write_json(target / "assets.extra", SAMPLE_REQUESTS, REQUESTS)
    MODELS["folder"] = folder
    yield
    MODELS.clear()


MODELS: dict[str, Path] = {}


@dataclasses.dataclass(frozen=True)
class Case:
    """What the pipeline is given."""

    servable: str = "good"
    blessed: int | None = 1
    blessed_servable: str = "good"
    ratings: tuple[float, ...] = (1.0, 5.0)
    digest: str = "digest"
    baseline: int = 0
    timeout_seconds: int = 120
    push: bool = True


class Run:
    """Runs the pipeline in a folder and reads what came out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = PublishedStore(folder / "serving")
        self.database = metadata.sqlite_metadata_connection_config(str(folder / "metadata.db"))

    def __call__(self, case: Case) -> dict[str, Artifact]:
        LocalDagRunner().run(
            pipeline.Pipeline(
                "push_path",
                str(self.folder / "artifacts"),
                metadata_connection_config=self.database,
                components=self.components(case),
                enable_cache=False,
            )
        )
        return {kind: self.last(kind) for kind in ("InfraBlessing", "PushedModel")} if case.push else {}

    def last(self, kind: str) -> Any:
        return max(metadata_store.MetadataStore(self.database).get_artifacts_by_type(kind), key=lambda one: one.id)

    def models(self) -> list[Any]:
        """The retriever, the ranking model and the servable that BaselineModels handed out last."""
        models = metadata_store.MetadataStore(self.database).get_artifacts_by_type("Model")
        handed_out = [model for model in models if "found" in model.custom_properties]
        newest = sorted(handed_out, key=lambda model: model.id)[-3:]
        names = ("retriever", "ranking", "servable")
        return [next(model for model in newest if f"/{name}/" in model.uri) for name in names]

    def components(self, case: Case) -> list[Any]:
        nodes: list[Any] = []

        def given(name: str, kind: type[Artifact], uri: Path, **properties: Any) -> Any:
            typed = {key: value for key, value in properties.items() if key in (kind.PROPERTIES or {})}
            custom = {key: value for key, value in properties.items() if key not in typed}
            node = Importer(str(uri), kind, reimport=True, properties=typed, custom_properties=custom).with_id(name)
            nodes.append(node)
            return node.outputs["result"]

        def blessing(name: str, blessed: int | None) -> Any:
            uri = self.folder / f"{name}-{blessed}"
            uri.mkdir(exist_ok=True)
            if blessed is None:
                return given(name, standard_artifacts.ModelBlessing, uri)
            (uri / ("BLESSED" if blessed else "NOT_BLESSED")).touch()
            digest = folder_digest(MODELS["folder"] / case.blessed_servable / "Format-Serving")
            return given(name, standard_artifacts.ModelBlessing, uri, blessed=blessed, blessed_servable=digest)

        model = given("servable", standard_artifacts.Model, MODELS["folder"] / case.servable)
        retriever = given("retriever", standard_artifacts.Model, MODELS["folder"] / "good")
        ranking = given("ranking", standard_artifacts.Model, MODELS["folder"] / "bad")
        metrics = given("metrics", Metrics, write_metrics(self.folder))
        anomalies, statistics = write_statistics(self.folder, case.ratings)
        splits = {"split_names": '["train"]'}
        found = given("anomalies", standard_artifacts.ExampleAnomalies, anomalies, **splits)
        counted = given("statistics", standard_artifacts.ExampleStatistics, statistics, **splits)

        baseline = BaselineModels(serving_root=str(self.store.root), version=case.baseline, schema_digest="schema")
        validation = ValidationGate(
            interactions_anomalies=found,
            interactions_statistics=counted,
            candidates_anomalies=found,
            candidates_statistics=counted,
        )
        nodes += [baseline, validation]
        if not case.push:
            return nodes
        check = ServableCheck(model=model, timeout_seconds=case.timeout_seconds)
        pusher = Pusher(
            model=model,
            retriever=retriever,
            ranking=ranking,
            metrics=metrics,
            model_blessing=blessing("model_blessing", case.blessed),
            infra_blessing=check.outputs["blessing"],
            serving_root=str(self.store.root),
            store_id=self.store.identity(),
            run_digest=case.digest,
            schema_digest="schema",
            baseline=baseline.outputs["servable"],
        )
        pusher.add_upstream_node(validation)
        return [*nodes, check, pusher]


def write_metrics(folder: Path) -> Path:
    uri = folder / "metrics"
    uri.mkdir(exist_ok=True)
    (uri / Metrics.FILE).write_text("{}")
    return uri


def write_statistics(folder: Path, ratings: tuple[float, ...]) -> tuple[Path, Path]:
    """Anomalies and statistics as ExampleValidator and StatisticsGen leave them."""
    statistics = tfdv.generate_statistics_from_dataframe(pd.DataFrame({"rating": ratings}))
    anomalies = tfdv.validate_statistics(statistics, text_format.Parse(SCHEMA, schema_pb2.Schema()))
    uris = folder / f"anomalies-{max(ratings)}", folder / f"statistics-{max(ratings)}"
    for uri, file, message in zip(uris, ("SchemaDiff.pb", "FeatureStats.pb"), (anomalies, statistics), strict=True):
        (uri / "Split-train").mkdir(parents=True, exist_ok=True)
        (uri / "Split-train" / file).write_bytes(message.SerializeToString())
    return uris


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_two_nights(run: Run) -> None:
    first = run(Case())
    version = run.store.latest()
    assert version is not None
    pushed = first["PushedModel"].custom_properties
    assert pushed["pushed"].int_value == 1
    assert pushed["pushed_version"].string_value == str(version)
    assert pushed["pushed_destination"].string_value == str(run.store.servable_path(version))
    served = tf.saved_model.load(str(run.store.servable_path(version)))
    answer = served.signatures["serving_default"](user_id=tf.constant(["cid"]))
    assert answer["greeting"].numpy().tolist() == [b"hello cid"]
    manifest = run.store.manifest(version)
    digests = manifest.pop("digests")
    assert digests["servable"] == digests["retriever"] == folder_digest(MODELS["folder"] / "good" / "Format-Serving")
    assert set(digests) == {"servable", "retriever", "ranking", "metrics.json"}
    assert manifest == {
        "version": version,
        "run_digest": "digest",
        "schema_digest": "schema",
        "baseline_version": 0,
        "config": {},
    }
    answers = json.loads((Path(first["InfraBlessing"].uri) / "answers.json").read_text())
    assert answers == [{"signature": "serving_default", "outputs": {"greeting": ["hello ann", "hello bob"]}}]
    for model in run.models():
        assert model.custom_properties["found"].int_value == 0

    run(Case(digest="next", baseline=version))
    assert len(run.store.versions()) == 2
    assert run.store.baseline_for("next") == version
    retriever, ranking, servable = run.models()
    assert servable.custom_properties["version"].int_value == version
    for model, source in ((retriever, "good"), (ranking, "bad"), (servable, "good")):
        assert model.custom_properties["found"].int_value == 1
        copied, original = Path(model.uri) / "Format-Serving", MODELS["folder"] / source / "Format-Serving"
        assert (copied / "saved_model.pb").read_bytes() == (original / "saved_model.pb").read_bytes()
        assert tf.saved_model.load(str(copied)).signatures


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (Case(blessed=0), "model_blessing refused"),
        (Case(blessed=None), "model_blessing missing or unreadable"),
        (Case(blessed_servable="bad"), "model_blessing is of another servable"),
    ],
)
def test_what_is_not_blessed_is_not_pushed(run: Run, case: Case, reason: str) -> None:
    found = run(case)
    assert found["PushedModel"].custom_properties["pushed"].int_value == 0
    assert found["PushedModel"].custom_properties["reason"].string_value == reason
    assert run.store.versions() == []


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (Case(servable="bad"), "exit status 1: "),
        (Case(timeout_seconds=0), "no answer within 0 seconds"),
    ],
)
def test_a_servable_without_answers_is_not_pushed(run: Run, case: Case, reason: str) -> None:
    found = run(case)
    assert found["InfraBlessing"].custom_properties["reason"].string_value.startswith(reason)
    assert found["PushedModel"].custom_properties["reason"].string_value == "infra_blessing refused"
    assert run.store.versions() == []


def test_anomalies_stop_the_run(run: Run) -> None:
    with pytest.raises(InputError, match="^table interactions, column rating, split train .*values from 1 to 7$"):
        run(Case(push=False, ratings=(1.0, 7.0)))
    assert run.store.versions() == []


def spoil_nothing(_: PublishedStore, version: int) -> None:
    del version


def cut_the_ranking(store: PublishedStore, version: int) -> None:
    (store.baseline_path(version, "ranking") / "saved_model.pb").write_bytes(b"")


def take_the_retriever(store: PublishedStore, version: int) -> None:
    shutil.rmtree(store.baseline_path(version, "retriever"))


def break_the_manifest(store: PublishedStore, version: int) -> None:
    store.baseline_path(version, "manifest.json").write_text("{")


@pytest.mark.parametrize(
    ("spoil", "broken"),
    [
        (spoil_nothing, {}),
        (cut_the_ranking, {"ranking": "ranking: expected what was published, with the digest"}),
        (take_the_retriever, {"retriever": "expected the retriever that was published with version"}),
        (
            break_the_manifest,
            dict.fromkeys(("retriever", "ranking", "servable"), "manifest.json: expected a JSON file"),
        ),
    ],
)
def test_a_baseline_that_is_not_what_was_published(
    run: Run, spoil: Callable[[PublishedStore, int], None], broken: dict[str, str]
) -> None:
    run(Case())
    version = run.store.latest()
    assert version
    spoil(run.store, version)
    run(Case(push=False, digest="next", baseline=version))
    for name, model in zip(("retriever", "ranking", "servable"), run.models(), strict=True):
        assert model.custom_properties["found"].int_value == (name not in broken)
        assert ("broken" in model.custom_properties) == (name in broken)
        assert broken.get(name, "") in model.custom_properties["broken"].string_value
