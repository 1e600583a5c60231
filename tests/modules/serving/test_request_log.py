"""Request logs: nothing is lost, and what is read is whole."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tensorflow_serving.apis import predict_pb2

from modules.serving.request_log import RequestLog, read_request_log


def request(name: str) -> predict_pb2.PredictRequest:
    asked = predict_pb2.PredictRequest()
    asked.model_spec.name = name
    return asked


def names(folder: Path) -> list[str]:
    return sorted(log.predict_log.request.model_spec.name for log in read_request_log(folder))


def test_files_are_read_once_they_are_full(tmp_path: Path) -> None:
    log = RequestLog(tmp_path / "deep" / "log", most_records=2)
    for name in "abc":
        log.add(request(name), predict_pb2.PredictResponse())
    assert names(tmp_path / "deep") == ["a", "b"]
    log.close()
    assert names(tmp_path / "deep") == ["a", "b", "c"]
    assert all(file.name.startswith("log-") for file in (tmp_path / "deep").iterdir())


def test_an_old_file_is_closed_by_the_next_request(tmp_path: Path) -> None:
    log = RequestLog(tmp_path / "log", most_seconds=0.0)
    for name in "ab":
        log.add(request(name), predict_pb2.PredictResponse())
    assert names(tmp_path) == ["a"]
    log.close()


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    log = RequestLog(tmp_path / "log", most_records=7)

    def write(who: int) -> None:
        for number in range(50):
            log.add(request(f"{who}-{number}"), predict_pb2.PredictResponse())

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    assert names(tmp_path) == sorted(f"{who}-{number}" for who in range(4) for number in range(50))


@pytest.mark.parametrize(("rate", "least", "most"), [(0.0, 0, 0), (0.5, 120, 280), (1.0, 400, 400)])
def test_a_share_is_kept(tmp_path: Path, rate: float, least: int, most: int) -> None:
    # Of 400 fair draws, fewer than 120 or more than 280 come once in 10^15.
    log = RequestLog(tmp_path / "log", rate)
    for number in range(400):
        log.add(request(str(number)), predict_pb2.PredictResponse())
    log.close()
    found = list(read_request_log(tmp_path))
    assert least <= len(found) <= most
    assert all(one.log_metadata.sampling_config.sampling_rate == rate for one in found)
