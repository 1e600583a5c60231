"""The published store on S3, over the wire: what is visible is whole, whatever happens to the publisher."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tfx.types import standard_artifacts

from components.absence import is_left_out
from components.folder_digest import folder_digest
from components.publishing.baseline import Baseline
from components.publishing.object_store import PublishedObjects
from components.publishing.opened import open_store
from components.publishing.store import PublishedStore
from modules.errors import InputError
from tests.components.publishing.conftest import Bucket
from tests.s3_server import Line

ROOT = Path(__file__).parents[3]
FILES, LARGE = 12, 20 << 20  # bytes; sent in three parts


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder like a SavedModel's with a large file; all others say the same."""
    folder = tmp_path / "model"
    (folder / "variables").mkdir(parents=True)
    (folder / "empty").write_bytes(b"")
    for name in ("saved_model.pb", *(f"variables/{number}" for number in range(FILES))):
        (folder / name).write_text("servable")
    (folder / "variables" / "data").write_bytes(bytes(range(256)) * (LARGE // 256))
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    (folder / "variables").mkdir(parents=True)
    for name in ("saved_model.pb", "variables/data"):
        (folder / name).write_text("small")
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def expected(version: int, servable: Path, baseline: Path) -> dict[str, bytes]:
    """All that is to be seen of a version."""
    manifest = f'{{\n  "run_digest": "d",\n  "version": {version}\n}}\n'.encode()
    return {
        **{f"recommender/{version}/{name}": data for name, data in content(servable).items()},
        **{f"baseline/{version}/retriever/{name}": data for name, data in content(baseline).items()},
        f"baseline/{version}/manifest.json": manifest,
    }


def test_the_kind_of_store_follows_from_its_url(tmp_path: Path) -> None:
    assert isinstance(open_store(str(tmp_path)), PublishedStore)
    folder = open_store(f"file://{tmp_path}/serving")
    assert isinstance(folder, PublishedStore) and folder.root == tmp_path / "serving"
    assert isinstance(open_store("memory://shop"), PublishedObjects)
    with pytest.raises(InputError, match="nowhere://x: expected a folder, or a URL that fsspec"):
        open_store("nowhere://x")


def test_publish_and_look_up(bucket: Bucket, model: Path, small: Path, tmp_path: Path) -> None:
    store = bucket.store()
    assert (store.versions(), store.latest(), store.baseline_for("x")) == ([], None, None)
    assert bucket.seen() == {}
    before = int(time.time())
    version = store.publish(model, {"retriever": small}, {"run_digest": "d"})
    assert before <= version <= time.time()
    assert bucket.seen() == expected(version, model, small)

    another = bucket.store()
    assert another.versions() == [version]
    assert another.manifest(version) == {"run_digest": "d", "version": version}
    assert another.servable_url(version) == f"{bucket.url}/recommender/{version}"
    assert (another.baseline_for("e"), another.baseline_for("d"), another.baseline_for("")) == (version, None, version)
    another.fetch(version, "retriever", tmp_path / "fetched")
    assert content(tmp_path / "fetched") == content(small)
    another.fetch(version, "manifest.json", tmp_path / "manifest.json")
    assert (tmp_path / "manifest.json").read_bytes() == bucket.seen()[f"baseline/{version}/manifest.json"]
    assert (another.has_part(version, "retriever"), another.has_part(version, "ranking")) == (True, False)
    with pytest.raises(InputError, match=f"{version}/ranking: expected the ranking that was published"):
        another.fetch(version, "ranking", tmp_path / "absent")
    assert store.publish(small, {}, {}) > version


def test_minio_is_s3(bucket: Bucket, small: Path) -> None:
    minio = PublishedObjects(bucket.url.replace("s3://", "minio://"))
    version = minio.publish(small, {}, {})
    assert bucket.store().versions() == [version]


def test_its_identity_goes_with_the_objects(bucket: Bucket) -> None:
    first = bucket.store().identity()
    assert bucket.store().identity() == first != ""
    bucket.server.client().delete_object(Bucket=bucket.name, Key="shop/serving/.id")
    assert bucket.store().identity() != first


def test_a_published_model_becomes_an_artifact(bucket: Bucket, small: Path, tmp_path: Path) -> None:
    store = bucket.store()
    for version, files in ((store.publish(small, {"retriever": small}, {}), content(small)), (0, {})):
        artifact = standard_artifacts.Model()
        artifact.uri = str(tmp_path / str(version))
        offered = Baseline(store, version, {"retriever": folder_digest(small)}, "")
        offered.offer(artifact, "retriever", Path(artifact.uri) / "Format-Serving")
        assert is_left_out(artifact) is (version == 0)
        assert content(tmp_path / str(version)) == {f"Format-Serving/{name}": data for name, data in files.items()}


def test_half_a_version_is_none(bucket: Bucket, small: Path) -> None:
    store = bucket.store()
    version = store.publish(small, {}, {})
    client = bucket.server.client()
    client.put_object(Bucket=bucket.name, Key=f"shop/serving/recommender/{version + 5}/variables/data", Body=b"x")
    client.put_object(Bucket=bucket.name, Key="shop/serving/recommender/canary/saved_model.pb", Body=b"x")
    assert store.versions() == [version]
    assert store.publish(small, {}, {}) > version + 5


def test_an_object_that_leads_out_of_its_folder(bucket: Bucket, small: Path, tmp_path: Path) -> None:
    store = bucket.store()
    version = store.publish(small, {"retriever": small}, {})
    name = f"shop/serving/baseline/{version}/retriever/../../../../evil"
    bucket.server.client().put_object(Bucket=bucket.name, Key=name, Body=b"x")
    with pytest.raises(InputError, match="expected objects inside of it"):
        store.fetch(version, "retriever", tmp_path / "a" / "b" / "c" / "d" / "target")


# Publishes argv[2] as a servable and argv[3] as its baseline at argv[1], as often as argv[4] says.
PUBLISHER = """
import sys
from pathlib import Path
from components.publishing.opened import open_store
from modules.errors import InputError
for _ in range(int(sys.argv[4])):
    print("begins", flush=True)
    store, servable, baseline = open_store(sys.argv[1]), Path(sys.argv[2]), {"retriever": Path(sys.argv[3])}
    try:
        version = store.publish(servable, baseline, {"run_digest": "d"})
    except InputError as error:
        sys.exit(str(error))
    print(version, flush=True)
"""


def publisher(
    bucket: Bucket, servable: Path, baseline: Path, times: int = 1, **environment: str
) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PUBLISHER, bucket.url, str(servable), str(baseline), str(times)]
    both = {**bucket.server.environment(), **environment}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=both, stdout=pipe, stderr=pipe, text=True)


def test_an_upload_that_breaks_off(bucket: Bucket, model: Path, small: Path) -> None:
    store = bucket.store()
    version = store.publish(small, {"retriever": small}, {"run_digest": "d"})
    line = Line(bucket.server.port, LARGE // 2)
    process = publisher(bucket, model, small, AWS_ENDPOINT_URL=line.url, AWS_MAX_ATTEMPTS="1")
    _, said = process.communicate(timeout=120)
    assert line.broken.is_set() and process.returncode == 1
    (complaint,) = said.splitlines()
    assert complaint.startswith(f"{bucket.url}: expected a store that can be reached, read and written, received ")
    assert bucket.seen("recommender/") | bucket.seen("baseline/") == expected(version, small, small)
    assert store.latest() == version
    after = store.publish(model, {"retriever": small}, {"run_digest": "d"})
    assert store.versions() == [version, after]


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.3])
def test_a_killed_publisher(bucket: Bucket, model: Path, small: Path, delay: float) -> None:
    store = bucket.store()
    version = store.publish(small, {"retriever": small}, {"run_digest": "d"})
    process = publisher(bucket, model, small, 100)
    assert process.stdout is not None
    assert process.stdout.readline() == "begins\n"
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    check_whole(bucket, {"small": small, "model": model}, small)
    assert version in store.versions()


def check_whole(bucket: Bucket, servables: dict[str, Path], baseline: Path) -> None:
    """Every version that can be loaded is whole and has its baseline."""
    versions = bucket.store().versions()
    seen = bucket.seen("recommender/") | bucket.seen("baseline/")
    for version in versions:
        whole = [expected(version, servable, baseline) for servable in servables.values()]
        assert {name: data for name, data in seen.items() if f"/{version}/" in name} in whole


def test_two_writers_at_once(bucket: Bucket, small: Path) -> None:
    processes = [publisher(bucket, small, small, 4) for _ in range(2)]
    looks = 0
    while any(process.poll() is None for process in processes):
        check_whole(bucket, {"small": small}, small)
        looks += 1
    said = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    published = sorted(int(line) for output, _ in said for line in output.split() if line != "begins")
    assert looks > 0 and len(set(published)) == 8
    assert bucket.store().versions() == published
    check_whole(bucket, {"small": small}, small)
    assert not [name for name in bucket.seen() if name.startswith("claims/")]


def test_a_number_that_another_writer_has_is_left_to_it(bucket: Bucket, small: Path) -> None:
    taken = int(time.time()) + 1000
    keep = f"shop/serving/baseline/{taken - 1}/x"
    bucket.server.client().put_object(Bucket=bucket.name, Key=keep, Body=b"x")  # so that `taken` is the next one
    other = f"shop/serving/claims/{taken}/another"
    bucket.server.client().put_object(Bucket=bucket.name, Key=other, Body=str(int(time.time())).encode())
    assert taken < bucket.store().publish(small, {}, {}) <= taken + 8


def test_what_a_dead_writer_left_is_removed_after_a_day(bucket: Bucket, small: Path) -> None:
    store, client = bucket.store(), bucket.server.client()
    whole = store.publish(small, {"retriever": small}, {"run_digest": "d"})
    ages = {whole: 90_000, whole - 10: 90_000, whole - 20: 60}
    for version, age in ages.items():
        for name, body in (
            (f"claims/{version}/dead", str(int(time.time()) - age)),
            (f"recommender/{version}/variables/data", "small"),
            (f"baseline/{version}/retriever/variables/data", "small"),
        ):
            client.put_object(Bucket=bucket.name, Key=f"shop/serving/{name}", Body=body.encode())
    store.publish(small, {}, {})
    left = {name.split("/")[1] for name in bucket.seen()} - {str(store.latest())}
    assert left == {str(whole), str(whole - 20)}
    assert list(bucket.seen("claims/")) == [f"claims/{whole - 20}/dead"]


def test_wrong_keys(bucket: Bucket, small: Path) -> None:
    store = bucket.store()
    version = store.publish(small, {"retriever": small}, {"run_digest": "d"})
    with bucket.server.checking_keys():
        for ask in (store.versions, store.identity, lambda: store.publish(small, {}, {})):
            with pytest.raises(InputError) as error:
                ask()
            assert str(error.value).startswith(f"{bucket.url}: expected a store that can be reached, read and written")
            assert "PermissionError" in str(error.value)
    assert bucket.seen() == expected(version, small, small)


def test_no_such_bucket(bucket: Bucket, small: Path) -> None:
    with pytest.raises(InputError, match="s3://not-there/x: expected a store that can be reached"):
        PublishedObjects("s3://not-there/x").publish(small, {}, {})
