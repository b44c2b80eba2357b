"""``--follow``: installed packages that are looked into, without an import of any."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hfmode_lint import Options, SetElsewhere, check_paths
from hfmode_lint.config import ConfigError, check_packages, load_file
from hfmode_lint.findings import Position
from hfmode_lint.followed import FollowedPackage, locate
from tests.programs import NOTEBOOK

PROJECT = Path(__file__).parent.parent / "fixtures" / "projects" / "followed_package"
TRAINED = PROJECT.with_name("followed_package_trained")

LOADER = """\
from transformers import AutoModel


def build(name):
    return AutoModel.from_pretrained(name)
"""
USER = """\
import lightning as L
from company import build


class Tagger(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = build("x")

    def training_step(self, batch, batch_idx):
        return self.encoder(batch).sum()
"""
# A class that loads nothing, under the name of one that does.
OWN = """\
class AutoModel:
    @classmethod
    def from_pretrained(cls, name):
        return None
"""
FOUND = (
    "HFM001 self.encoder is loaded in eval mode by AutoModel.from_pretrained() in company and "
    "still in eval mode when training starts (dropout is off); call self.encoder.train()"
)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def run(
    folder: Path, *arguments: str, path: Path | None = None, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a module of Python; ``path`` is a folder from which it imports as well."""
    known = os.environ.get("PYTHONPATH", "")
    extended = os.pathsep.join(filter(None, [str(path) if path else "", known]))
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": extended},
        input=stdin,
        timeout=120,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a file that needs the package ``company``, which is installed nowhere."""
    folder = tmp_path / "project"
    write(folder, {"setup.cfg": "", "tagger.py": USER})
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with the package."""
    write(tmp_path / "site", {"company/__init__.py": LOADER})
    return tmp_path / "site"


def environment(folder: Path) -> Path:
    """Make a virtual environment, and give its ``site-packages``."""
    write(folder, {"pyvenv.cfg": ""})
    packages = folder / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    return packages


# Where a package is looked for


@pytest.mark.parametrize("name", [".venv", "venv", "../.venv"])
def test_in_the_environment_of_the_project(project: Path, name: str) -> None:
    site = environment(project / name)
    write(site, {"company/__init__.py": LOADER, "company/sub/deep.py": ""})
    (found,) = locate(["company"], str(project))
    assert found.modules == {
        str(site.resolve() / "company/__init__.py"): "company",
        str(site.resolve() / "company/sub/deep.py"): "company.sub.deep",
    }
    assert found.homes == (str(site.resolve()),)


def test_the_environment_of_the_project_comes_before_this_python(project: Path, site: Path) -> None:
    write(environment(project / ".venv"), {"company.py": LOADER})
    shown = run(project, "hfmode_lint", "--follow", "company", path=site)
    assert (
        "site-packages/company.py:5:12: AutoModel.from_pretrained() is called here" in shown.stdout
    )


def test_where_this_python_imports_from(project: Path, site: Path) -> None:
    arguments = ("hfmode_lint", "--follow", "company", "--output-format", "concise")
    shown = run(project, *arguments, path=site)
    assert shown.stdout == f"tagger.py:8:24: {FOUND}\n"
    assert run(project, *arguments).returncode == 2


def test_what_is_installed_editable(project: Path, tmp_path: Path) -> None:
    packages = environment(project / ".venv")
    write(tmp_path / "other" / "src", {"company/__init__.py": LOADER})
    write(packages, {"company.pth": f"import os; os.abort()\n\n{tmp_path}/other/src\n/missing\n"})
    (packages / "broken.pth").write_bytes(b"\xff\xfe")
    (finding,) = check_paths([project], Options(follow=("company",)))
    assert f"{finding.code} {finding.message}" == FOUND


def test_a_package_in_a_namespace(project: Path) -> None:
    packages = environment(project / ".venv")
    write(packages, {"big/company/__init__.py": LOADER, "big/other/__init__.py": LOADER})
    (found,) = locate(["big.company"], str(project))
    assert list(found.modules.values()) == ["big.company"]
    assert found.homes == (str(packages.resolve()),)
    (whole,) = locate(["big"], str(project))
    assert sorted(whole.modules.values()) == ["big.company", "big.other"]
    for package, line in (("company", 1), ("other", 0)):
        text = USER.replace("from company", f"from big.{package}")
        (project / "tagger.py").write_text(text)
        assert len(check_paths([project], Options(follow=("big.company",)))) == line


def test_a_folder_of_the_project_is_not_taken_twice(project: Path) -> None:
    write(project, {"company/__init__.py": LOADER})
    write(environment(project / ".venv"), {"company.pth": f"{project}\n"})
    with_it = check_paths([project], Options(follow=("company",)))
    assert with_it == check_paths([project])
    assert [Path(each.filename).name for each in with_it] == ["__init__.py"]


@pytest.mark.parametrize("name", ["company", "company.models", "sys", "big.nothing.more", "_csv"])
def test_what_is_not_there_or_has_no_source(project: Path, name: str) -> None:
    write(environment(project / ".venv"), {"big/__init__.py": ""})
    with pytest.raises(ConfigError, match=rf"^follow: no package '{name}' with Python source in"):
        locate([name], str(project))


def test_nothing_is_imported_or_run(project: Path, tmp_path: Path) -> None:
    packages = environment(project / ".venv")
    bomb = f"open({str(tmp_path / 'ran')!r}, 'w')\n"
    files = ["company/__init__.py", "company/models/__init__.py", "company/models/build.py"]
    write(packages, dict.fromkeys(files, bomb + LOADER) | {"company.pth": f"import company;{bomb}"})
    program = USER.replace("from company", "from company.models.build")
    (project / "tagger.py").write_text(program)
    for name in ("company", "company.models"):
        shown = run(project, "hfmode_lint", "--follow", name)
        assert shown.returncode == 1
        assert "in company.models.build and still" in shown.stdout
        shown = run(project, "flake8", "--select", "HFM", "--hfm-follow", name, "tagger.py")
        assert "in company.models.build and still" in shown.stdout
    assert not (tmp_path / "ran").exists()


# What is found


def test_a_finding_stands_where_the_project_comes_to_the_package() -> None:
    shown = run(PROJECT, "hfmode_lint", "--output-format", "json", "app/helper.py")
    (finding,) = json.loads(shown.stdout)
    package = ".venv/lib/python3/site-packages/company"
    assert finding["fix"] is None
    assert [(each["filename"], each["message"]) for each in finding["related"]] == [
        ("app/ranker.py", "Ranker trains it as self.document"),
        ("app/ranker.py", "called from here"),
        (f"{package}/models/loading.py", "AutoModel.from_pretrained() is called here"),
    ]


def test_nothing_is_reported_or_fixed_in_the_package() -> None:
    package = PROJECT / ".venv/lib/python3/site-packages/company"
    before = {path: path.read_bytes() for path in package.rglob("*.py")}
    named = [str(path.relative_to(PROJECT)) for path in before]
    shown = run(PROJECT, "hfmode_lint", *named, "--output-format", "concise")
    assert (shown.returncode, shown.stdout) == (0, "")
    shown = run(PROJECT, "hfmode_lint", "--diff", "--unsafe-fixes")
    assert "site-packages" not in shown.stdout
    assert {path: path.read_bytes() for path in before} == before


def test_each_place_that_calls_one_loader_is_judged_by_itself(project: Path) -> None:
    other = USER.split("\n\n\n", 1)[1].replace("Tagger", "Reader")
    program = f"{USER}\n\n{other}".replace('build("x")', 'build("x").train()', 1)
    (project / "tagger.py").write_text(program)
    write(environment(project / ".venv"), {"company.py": LOADER})
    (finding,) = check_paths([project], Options(follow=("company",)))
    assert (finding.code, finding.start.line) == (
        "HFM001",
        program.count("\n", 0, program.rindex("build(")) + 1,
    )


def test_a_class_that_gets_its_model_from_the_package_is_reported_at_its_name(
    project: Path,
) -> None:
    own = "import lightning\nfrom company import Tagger\n\n\nclass Own(Tagger):\n    pass\n"
    (project / "tagger.py").write_text(own)
    base = USER.replace("from company import build", LOADER)
    write(environment(project / ".venv"), {"company.py": base})
    (finding,) = check_paths([project], Options(follow=("company",)))
    assert (finding.code, finding.start, finding.end) == ("HFM001", Position(5, 6), Position(5, 9))


def test_without_it_the_package_is_unknown() -> None:
    for project in (PROJECT, TRAINED):
        found = check_paths([project], Options(follow=()))
        assert {Path(each.filename).name for each in found} == {"seeker.py"}


def test_a_library_that_only_lies_beside_the_package_is_not_read(project: Path) -> None:
    packages = environment(project / ".venv")
    loading = LOADER.replace("transformers import AutoModel", "other import AutoModel")
    write(packages, {"company.py": loading, "other.py": OWN})
    assert len(check_paths([project], Options(follow=("company",)))) == 1
    assert check_paths([project], Options(follow=("company", "other"))) == []


def test_the_package_sees_no_file_of_the_project(project: Path) -> None:
    """A module of the project that is called as one that the package imports is another one."""
    loading = "from tools import load\n\n\ndef build(name):\n    return load(name)\n"
    packages = environment(project / ".venv")
    write(packages, {"company.py": loading, "tools.py": LOADER.replace("build", "load")})
    write(project, {"tools.py": "def load(name):\n    return None\n"})
    assert check_paths([project], Options(follow=("company",))) == []
    (finding,) = check_paths([project], Options(follow=("company", "tools")))
    assert "in tools and" in finding.message


@pytest.mark.parametrize("name", ["company", "company.loading"])
def test_notebooks(project: Path, name: str) -> None:
    files = {"company/__init__.py": "from company.loading import build\n"}
    write(environment(project / ".venv"), files | {"company/loading.py": LOADER})
    notebook = json.loads(NOTEBOOK)
    program = USER
    if name == "company.loading":
        program = USER.replace("import build", "import loading").replace("build(", "loading.build(")
    notebook["cells"][1]["source"] = program
    (project / "train.ipynb").write_text(json.dumps(notebook))
    shown = run(project, "hfmode_lint", "--follow", name, "--output-format", "concise")
    found = FOUND.replace("in company and", "in company.loading and")
    assert f"train.ipynb:cell 2:8:24: {found}" in shown.stdout


def test_standard_input(project: Path) -> None:
    write(environment(project / ".venv"), {"company.py": LOADER})
    (project / "tagger.py").write_text("x = 1\n")
    arguments = ("hfmode_lint", "-", "--stdin-filename", "tagger.py", "--output-format", "concise")
    shown = run(project, *arguments, "--follow", "company", stdin=USER)
    assert FOUND in shown.stdout
    shown = run(project, *arguments, "--follow", "nowhere", stdin=USER)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert "follow: no package 'nowhere'" in shown.stderr


def test_a_base_of_the_package_can_be_named_as_setting_the_mode_elsewhere() -> None:
    for entry in (
        SetElsewhere("company.base.Task"),
        SetElsewhere(
            path="company/base.py", folder=str(PROJECT / ".venv/lib/python3/site-packages")
        ),
    ):
        found = check_paths([PROJECT], Options(set_elsewhere=(entry,)))
        names = {Path(each.filename).name for each in found}
        assert names == {"helper.py", "ranker.py", "seeker.py"}


# How it is asked for


def test_the_command_line_beats_the_file(project: Path) -> None:
    packages = environment(project / ".venv")
    write(packages, {"company.py": LOADER, "others.py": ""})
    write(project, {"pyproject.toml": '[tool.hfmode-lint]\nfollow = ["others"]\n'})
    assert run(project, "hfmode_lint").returncode == 0
    assert run(project, "hfmode_lint", "--follow", "others, company").returncode == 1
    assert run(project, "hfmode_lint", "--follow", "others", "--follow", "company").returncode == 1
    write(project, {"pyproject.toml": '[tool.hfmode-lint]\nfollow = ["company"]\n'})
    assert run(project, "hfmode_lint").returncode == 1
    assert run(project, "hfmode_lint", "--isolated").returncode == 0
    assert run(project, "hfmode_lint", "--no-project").returncode == 0
    write(project, {"other.toml": "[tool.hfmode-lint]\n"})
    assert run(project, "hfmode_lint", "--config", "other.toml").returncode == 0


def test_flake8_s_own_configuration(project: Path) -> None:
    write(environment(project / ".venv"), {"company.py": LOADER})
    assert run(project, "flake8", "--select", "HFM", ".").stdout == ""
    write(project, {"setup.cfg": "[flake8]\nselect = HFM\nhfm-follow = company\n"})
    for jobs in ("1", "2"):
        assert run(project, "flake8", "-j", jobs, ".").stdout == f"./tagger.py:8:24: {FOUND}\n"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("my-lib", "'my-lib' is no name by which a package is imported"),
        ("a..b", "'a..b' is no name"),
        ("torch", "what torch does is known"),
        ("pytorch_lightning", "what pytorch_lightning does is known"),
        ("transformers.models", "what transformers.models does is known"),
        ("nowhere", "follow: no package 'nowhere' with Python source in"),
    ],
)
def test_a_wrong_name_is_one_line(project: Path, name: str, words: str) -> None:
    shown = run(project, "hfmode_lint", "--follow", name)
    assert (shown.returncode, shown.stdout, shown.stderr.count("\n")) == (2, "", 1)
    assert words in shown.stderr
    write(project, {"pyproject.toml": f'[tool.hfmode-lint]\nfollow = ["{name}"]\n'})
    shown = run(project, "hfmode_lint")
    assert (shown.returncode, shown.stdout, shown.stderr.count("\n")) == (2, "", 1)
    assert words in shown.stderr
    shown = run(project, "flake8", "--isolated", "--select", "HFM", "tagger.py")
    assert shown.returncode == 1
    assert words in shown.stdout
    assert "Traceback" not in shown.stdout + shown.stderr
    with pytest.raises(OSError, match=name.replace(".", r"\.")):
        check_paths([project])


def test_a_wrong_name_among_flake8_s_options(project: Path) -> None:
    shown = run(project, "flake8", "--isolated", "--hfm-follow", "my-lib", "tagger.py")
    assert shown.returncode == 2
    assert "'my-lib' is no name by which a package is imported" in shown.stderr
    shown = run(project, "flake8", "--isolated", "--hfm-follow", "nowhere", "tagger.py")
    assert shown.returncode == 1
    assert "follow: no package 'nowhere'" in shown.stdout
    assert shown.stderr == ""


def test_it_needs_the_project(project: Path) -> None:
    shown = run(project, "hfmode_lint", "--follow", "company", "--no-project")
    assert shown.returncode == 2
    assert "--follow and --no-project exclude each other" in shown.stderr


def test_a_wrong_list(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": '[tool.hfmode-lint]\nfollow = "company"\n'})
    with pytest.raises(ConfigError, match="follow: must be a list of strings"):
        load_file(str(tmp_path / "pyproject.toml"))
    assert check_packages(["a", "b.c"], "here") == ("a", "b.c")


def test_what_has_no_loader_stays_unparsed(project: Path) -> None:
    """A project that follows a package pays for the files that come to its loaders alone."""
    write(environment(project / ".venv"), {"company.py": LOADER, "plain.py": "def f(): pass\n"})
    others = {f"m{number}.py": "import lightning\nimport plain\n" for number in range(5)}
    write(project, others)
    shown = run(project, "hfmode_lint", "-v", "--follow", "company,plain")
    assert "6 files found, 1 of them parsed" in shown.stderr


def test_a_package_of_several_folders() -> None:
    package = FollowedPackage("a.b", ("/one/a/b", "/two/a/b"))
    assert package.homes == ("/one", "/two")
