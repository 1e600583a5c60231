"""The published store: what is visible is whole, whatever happens to the publisher."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from components.publishing.store import PublishedStore
from modules.errors import InputError

ROOT = Path(__file__).parents[3]
FILES = 40


def make_folder(folder: Path, text: str = "x", files: int = FILES) -> Path:
    """A folder like a SavedModel's, all of whose files say `text`."""
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_text(text)
    for number in range(files):
        (folder / "variables" / str(number)).write_text(text)
    return folder


def content(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "model", "servable")


@pytest.fixture
def store(tmp_path: Path) -> PublishedStore:
    return PublishedStore(tmp_path / "serving")


def test_empty_store(store: PublishedStore) -> None:
    assert store.versions() == []
    assert store.latest() is None
    assert store.baseline_for("digest") is None
    assert not store.root.exists()  # looking changes nothing


def test_publish(store: PublishedStore, model: Path, tmp_path: Path) -> None:
    metrics = tmp_path / "m.json"
    metrics.write_text("{}")
    retriever = make_folder(tmp_path / "retriever", "retriever")
    before = int(time.time())
    version = store.publish(model, {"retriever": retriever, "metrics.json": metrics}, {"run_digest": "d", "n": 1})
    assert before <= version <= time.time()
    assert store.versions() == [version]
    assert store.servable_path(version) == store.root / "recommender" / str(version)
    assert content(store.servable_path(version)) == content(model)
    assert content(store.baseline_path(version, "retriever")) == content(retriever)
    assert store.baseline_path(version, "metrics.json").read_text() == "{}"
    assert store.manifest(version) == {"run_digest": "d", "n": 1, "version": version}


def test_versions_rise_even_if_the_clock_does_not(store: PublishedStore, model: Path) -> None:
    future = int(time.time()) + 10_000
    make_folder(store.root / "recommender" / str(future))
    assert [store.publish(model, {}, {}) for _ in range(3)] == [future + 1, future + 2, future + 3]
    assert store.latest() == future + 3


def test_only_whole_numbered_folders_are_versions(store: PublishedStore, model: Path) -> None:
    version = store.publish(model, {}, {})
    folder = store.root / "recommender"
    (folder / str(version + 1)).mkdir()  # somebody is still copying this one by hand
    make_folder(folder / "canary")
    make_folder(folder / ".tmp-1")
    (folder / "7").write_text("a file")
    assert store.versions() == [version]


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"version": 1}', "\xff"])
def test_a_broken_manifest_is_named(store: PublishedStore, model: Path, text: str | None) -> None:
    version = store.publish(model, {}, {"run_digest": "d", "baseline_version": 0})
    path = store.root / "baseline" / str(version) / "manifest.json"
    path.unlink()
    if text is not None:
        path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError) as error:
        store.manifest(version)
    assert str(path) in str(error.value)
    assert store.newest_manifest() == {}
    assert store.baseline_for("d") == version  # not None: the gate is to find out and to refuse


def test_a_missing_part_is_named(store: PublishedStore, model: Path) -> None:
    version = store.publish(model, {}, {})
    with pytest.raises(InputError, match=f"{version}/retriever: expected the retriever"):
        store.baseline_path(version, "retriever")


def test_baseline_for(store: PublishedStore, model: Path) -> None:
    first = store.publish(model, {}, {"run_digest": "a", "baseline_version": 0})
    assert store.baseline_for("a") is None  # a rerun is compared with what the run itself was: nothing
    assert store.baseline_for("b") == first
    second = store.publish(model, {}, {"run_digest": "b", "baseline_version": first})
    assert store.baseline_for("b") == first
    assert store.baseline_for("a") == second  # only the newest version counts
    assert store.baseline_for("c") == second


def test_baseline_for_when_the_recorded_one_is_gone(store: PublishedStore, model: Path) -> None:
    version = store.publish(model, {}, {"run_digest": "a", "baseline_version": 5})
    assert store.baseline_for("a") == version


def test_leftovers_are_ignored_and_removed(store: PublishedStore, model: Path) -> None:
    first = store.publish(model, {}, {})
    partial = make_folder(store.root / "recommender" / ".tmp-dead")
    other_partial = make_folder(store.root / "baseline" / ".tmp-dead")
    orphan = make_folder(store.root / "baseline" / str(first + 5))  # killed between the two renames
    assert store.versions() == [first]
    second = store.publish(model, {}, {})
    assert not partial.exists()
    assert not other_partial.exists()
    assert not orphan.exists()
    assert store.versions() == [first, second]


# Publishes argv[2] into argv[1], with its baseline, as often as argv[3] says.
PUBLISHER = """
import sys
from pathlib import Path
from components.publishing.store import PublishedStore
for _ in range(int(sys.argv[3])):
    PublishedStore(sys.argv[1]).publish(Path(sys.argv[2]), {"retriever": Path(sys.argv[2])}, {})
    print("published", flush=True)
"""


def start_publisher(store: PublishedStore, model: Path, times: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PUBLISHER, str(store.root), str(model), str(times)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def check_whole(store: PublishedStore, model: Path) -> None:
    wanted = content(model)
    for version in store.versions():
        assert content(store.servable_path(version)) == wanted
        assert content(store.baseline_path(version, "retriever")) == wanted
        assert store.manifest(version) == {"version": version}


def test_a_reader_never_sees_half_a_version(store: PublishedStore, model: Path) -> None:
    publishers = [start_publisher(store, model, 5) for _ in range(2)]
    done = threading.Event()

    def read() -> int:
        looks = 0
        while not done.is_set():
            check_whole(store, model)
            looks += 1
        return looks

    with ThreadPoolExecutor() as pool:
        reader = pool.submit(read)
        statuses = [publisher.wait(timeout=120) for publisher in publishers]
        done.set()
        assert reader.result() > 0
    assert statuses == [0, 0]
    assert len(store.versions()) == 10  # two publishers at once: no version lost, none mixed


@pytest.mark.parametrize("delay", [0.0, 0.002, 0.005, 0.01, 0.02])
def test_a_killed_publisher_leaves_nothing_half_written(store: PublishedStore, model: Path, delay: float) -> None:
    publisher = start_publisher(store, model, 10_000)
    assert publisher.stdout is not None
    publisher.stdout.readline()
    time.sleep(delay)
    publisher.send_signal(signal.SIGKILL)
    publisher.wait(timeout=60)
    publisher.stdout.close()
    check_whole(store, model)
    store.publish(model, {"retriever": model}, {})
    check_whole(store, model)
    names = {path.name for folder in ("recommender", "baseline") for path in (store.root / folder).iterdir()}
    assert names == {str(version) for version in store.versions()}


# Publishes argv[2] into argv[1] where no file may become larger than argv[3] bytes: the disk is full in the middle.
FULL_DISK = """
import resource, sys
from pathlib import Path
from components.publishing.store import PublishedStore
from modules.errors import InputError
if int(sys.argv[3]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    PublishedStore(sys.argv[1]).publish(Path(sys.argv[2]), {"retriever": Path(sys.argv[2])}, {})
except InputError as error:
    sys.exit(str(error))
"""


def publish_on_full_disk(root: Path, model: Path, largest_file: int) -> str:
    command = [sys.executable, "-c", FULL_DISK, str(root), str(model), str(largest_file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    return done.stderr


def check_unchanged(store: PublishedStore, version: int, said: str) -> None:
    assert said == f"{store.root}: expected room for a new version, received a full disk\n"
    assert [path.name for path in (store.root / "recommender").iterdir()] == [str(version)]
    assert [path.name for path in (store.root / "baseline").iterdir()] == [str(version)]
    assert store.latest() == version


def test_a_file_that_does_not_fit(store: PublishedStore, model: Path) -> None:
    version = store.publish(model, {}, {})
    (model / "variables" / "large").write_bytes(bytes(100_000))
    check_unchanged(store, version, publish_on_full_disk(store.root, model, 50_000))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mounted = tmp_path / "disk"
    mounted.mkdir()
    made = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(mounted)], capture_output=True, check=False
    )
    if not made or made.returncode:
        pytest.skip("a file system of limited size can be mounted by root only")
    yield mounted
    subprocess.run(["umount", str(mounted)], check=True)


def test_a_full_file_system(small_disk: Path, model: Path) -> None:
    store = PublishedStore(small_disk / "serving")
    version = store.publish(model, {}, {})
    (model / "variables" / "large").write_bytes(bytes(600_000))  # fits once, as baseline, but not twice
    check_unchanged(store, version, publish_on_full_disk(store.root, model, 0))


def test_other_errors_are_not_called_a_full_disk(store: PublishedStore, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.publish(tmp_path / "absent", {}, {})
    assert store.versions() == []
    assert list((store.root / "baseline").iterdir()) == []


def test_its_identity_goes_with_the_folder(tmp_path: Path) -> None:
    store = PublishedStore(tmp_path / "serving")
    first = store.identity()
    assert store.identity() == PublishedStore(tmp_path / "serving").identity() == first
    shutil.rmtree(tmp_path / "serving")
    assert store.identity() != first


def test_parts(store: PublishedStore, model: Path) -> None:
    version = store.publish(model, {"retriever": model, "metrics.json": model / "saved_model.pb"}, {})
    assert store.parts(version) == ["metrics.json", "retriever"]
    assert store.parts(version + 1) == []
