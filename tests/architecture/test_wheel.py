"""What users install: one package of our own name, with the diagrams inside, that starts from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.architecture

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The folder into which the built wheel was unpacked, as an installer does."""
    dist, target = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(dist)], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


@pytest.fixture
def run(installed, tmp_path):
    """Run the installed program from an empty folder, without the checkout on the path."""

    def jianyi(*args: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(installed), "XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config"), "JIANYI_LANG": "en"}
        environment.pop("JIANYI_DATABASE", None)
        return subprocess.run([sys.executable, "-m", "jianyi", *args], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return jianyi


def test_the_wheel_holds_one_package(installed):
    """No top-level `engine` or `handlers` lands in site-packages."""
    assert {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")} == {"jianyi"}


def test_the_wheel_holds_what_the_program_needs(installed):
    """Diagrams, forms, tables, migrations and catalogues are inside, and the licence with them."""
    house = installed / "jianyi"

    assert {path.name for path in house.glob("processes/*.bpmn")} == {path.name for path in ROOT.glob("processes/*.bpmn")}
    assert list(house.glob("processes/forms/*.json"))
    assert list(house.glob("processes/*.dmn"))
    assert (house / "migrations" / "env.py").is_file()
    assert (house / "terminal" / "locale" / "zh_CN" / "LC_MESSAGES" / "jianyi.mo").is_file()
    assert list(installed.glob("*.dist-info/licenses/LICENSE"))
    assert [entry for path in installed.glob("*.dist-info/entry_points.txt") for entry in path.read_text().splitlines() if entry.startswith("jianyi =")] == ["jianyi = jianyi:main"]


def test_the_installed_program_starts_from_any_folder(run):
    """Help, a new database, deploying the diagrams that came with it, listing them."""
    assert "inbox" in run("--help").stdout
    assert run("--version").returncode == 0

    made = run("init", "--admin", "chen")
    deployed = run("process", "deploy", "--as", "chen")
    listed = run("process", "list", "--as", "chen", "--json", "process")

    assert made.returncode == deployed.returncode == listed.returncode == 0, made.stderr + deployed.stderr + listed.stderr
    assert '"suggestion"' in listed.stdout
