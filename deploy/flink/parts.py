"""What a cluster is put together from, brought once: Flink, Beam's job server, the workers' environment."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("FLINK_CACHE", PROJECT / ".cache" / "flink"))
JOB_SERVER_JAR = "FLINK_JOB_SERVER_JAR"  # the environment variable that names a jar one already has
_REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_POM = Path(__file__).with_name("pom.xml")
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_MINUTES_10 = 600.0
_JAVA = 11


class MissingPart(Exception):
    """Something that a cluster needs cannot be had here; the message is one line that says what."""


def java() -> str:
    """Path of the Java 11 or 17 that everything of Flink runs on.

    Raises:
        MissingPart: there is none, or an older one.
    """
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin" if home else None)
    if found is None:
        raise MissingPart("no java: Flink needs a JDK 11 or 17 (PATH or JAVA_HOME)")
    # 'openjdk version "17.0.15"'; until 8 it was "1.8.0_412".
    said = subprocess.run([found, "-version"], capture_output=True, text=True, timeout=60, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < _JAVA:
        raise MissingPart(f"{found} is older than the JDK 11 or 17 that Flink needs")
    return found


def flink_jars() -> list[Path]:
    """The jars of Flink itself, from PyPI, checked against the digest in requirements.txt.

    Raises:
        MissingPart: they cannot be brought.
    """
    folder = CACHE / "distribution"
    if not (jars := _jars(folder)):
        half = _emptied(CACHE / "distribution.part")
        install = [_uv(), "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--link-mode=copy"]
        _run("Flink from PyPI", [*install, "--target", str(half), "-r", str(_REQUIREMENTS)])
        half.rename(folder)
        jars = _jars(folder)
    return jars


def job_server_jars() -> list[Path]:
    """Beam's job server for Flink: the jar that `FLINK_JOB_SERVER_JAR` names, or what pom.xml says, from Maven.

    Maven verifies the repository's checksums.

    Raises:
        MissingPart: they cannot be brought.
    """
    if given := os.environ.get(JOB_SERVER_JAR):
        if not Path(given).is_file():
            raise MissingPart(f"{JOB_SERVER_JAR} names no file: {given}")
        return [Path(given)]
    folder = CACHE / f"job-server-{hashlib.sha256(_POM.read_bytes()).hexdigest()[:12]}"
    if not folder.is_dir():
        maven = shutil.which("mvn")
        if maven is None:
            raise MissingPart(f"no mvn to bring Beam's job server with; {JOB_SERVER_JAR} may name a jar that is there")
        half = _emptied(CACHE / "job-server.part")
        copy = [maven, "--batch-mode", "--quiet", "--strict-checksums", f"--file={_POM}", _COPY]
        _run("Beam's job server from Maven", [*copy, "-DincludeScope=runtime", f"-DoutputDirectory={half}"])
        half.rename(folder)
    return sorted(folder.glob("*.jar"))


def worker_python() -> Path:
    """Python of an environment with the locked dependencies and this project installed, apart from the checkout's.

    Raises:
        MissingPart: it cannot be made.
    """
    folder = CACHE / "worker"
    python = folder / "bin" / "python"
    apart = {"UV_PROJECT_ENVIRONMENT": str(folder)}
    _run("the workers' environment", [_uv(), "sync", "--frozen", "--quiet", "--no-default-groups", "--inexact"], apart)
    install = [_uv(), "pip", "install", "--quiet", "--no-deps", "--reinstall-package", "tfx-recommender"]
    _run("the project for the workers", [*install, "--python", str(python), str(PROJECT)])
    return python


def _jars(folder: Path) -> list[Path]:
    return sorted((folder / "pyflink" / "lib").glob("*.jar"))


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _uv() -> str:
    """The uv that `make setup` uses."""
    found = shutil.which("uv") or shutil.which("uv", path=str(PROJECT / ".uv" / "bin"))
    if found is None:
        raise MissingPart("no uv: run `make setup` first")
    return found


def _run(what: str, command: list[str], environment: dict[str, str] | None = None) -> None:
    """Runs a command to its end; its last line of complaint says why it failed."""
    ended = subprocess.run(
        command,
        cwd=PROJECT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=_MINUTES_10,
        check=False,
    )
    if ended.returncode:
        said = (ended.stdout + ended.stderr).strip().splitlines()
        why = next((line for line in said if "rror" in line), said[-1] if said else "no reason given")
        raise MissingPart(f"{what} cannot be had: {why.strip()}")
