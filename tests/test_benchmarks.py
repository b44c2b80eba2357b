"""The logic of the benchmarks: what they measure is nothing for tests."""

from __future__ import annotations

import hashlib
import io
import json
import math
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import made, reliability_report, report, results
from benchmarks.bounds import Bounds, median, median_ratio
from benchmarks.contest import Contestant, ContestError, Run, compete, rotated, run_once
from benchmarks.figures import FIGURES, reached
from benchmarks.groups import COLD, NEMO, RUFF, TORCHFIX, tree_group
from benchmarks.instructions import Counted, Kept, compared, with_counted
from benchmarks.trees import Source, TreeError, unpacked

ROOT = Path(__file__).resolve().parent.parent


def known(*values: float) -> list[Bounds]:
    return [Bounds.exactly(value) for value in values]


def ran(wall: Bounds) -> Run:
    return Run(wall, wall)


def python(name: str, code: str, folder: Path, *, watched: bool = False) -> Contestant:
    return Contestant(name, (sys.executable, "-S", "-c", code), folder, watched=watched)


class TestBounds:
    def test_the_median_is_that_of_the_rounds_ratios_not_the_ratio_of_medians(self) -> None:
        # Noise doubled one round for both.
        assert median_ratio(known(1, 20, 3), known(2, 10, 4)) == Bounds.exactly(0.75)

    def test_what_was_stopped_gives_bounds(self) -> None:
        stopped = Bounds.over(300)
        assert (Bounds.exactly(3) / stopped).show() == "under 0.01"
        assert (stopped / Bounds.exactly(2)).show() == "over 150"
        assert (stopped / stopped).show() == "unknown"

    def test_a_median_is_known_where_few_were_stopped(self) -> None:
        assert median([*known(1, 2), Bounds.over(1.5)]) == Bounds(1.5, 2)
        assert median([*known(1, 2), Bounds.over(300)]) == Bounds.exactly(2)
        assert median([*known(1), Bounds.over(300), Bounds.over(300)]).show() == "over 300"

    def test_goals(self) -> None:
        assert Bounds.exactly(1.5).is_at_most(1.5) is True
        assert Bounds.over(2).is_at_most(1.5) is False
        assert Bounds(0, 0.04).is_at_most(0.05) is True
        assert Bounds(0, 0.06).is_at_most(0.05) is None

    @pytest.mark.parametrize("bounds", [Bounds.exactly(1.25), Bounds.over(300)])
    def test_json(self, bounds: Bounds) -> None:
        assert Bounds.from_json(bounds.to_json()) == bounds

    @pytest.mark.parametrize(
        ("value", "shown"), [(0.0123, "0.012"), (1.234, "1.23"), (12.34, "12.3"), (1234.5, "1,234")]
    )
    def test_digits(self, value: float, shown: str) -> None:
        assert Bounds.exactly(value).show() == shown


class TestContest:
    def test_each_is_the_first_of_some_rounds(self, tmp_path: Path) -> None:
        contestants = [python(name, "", tmp_path) for name in "abc"]
        orders = ["".join(each.name for each in rotated(contestants, n)) for n in range(3)]
        assert orders == ["abc", "bca", "cab"]

    def test_what_is_stopped_is_not_run_again(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        count = f"open({str(log)!r}, 'a').write('x')"
        slow = python("slow", f"{count}; import time; time.sleep(60)", tmp_path)
        runs = [run for _, _, run in compete([slow], rounds=3, limit=1)]
        assert [run.wall for run in runs] == [Bounds.over(1)] * 3
        assert log.read_text() == "x"

    @pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="Linux tells it")
    def test_what_workers_took_that_were_stopped_counts(self, tmp_path: Path) -> None:
        child = "import os, time\nwhile os.times().user < 0.4: pass\ntime.sleep(60)"
        code = f"import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', {child!r}])"
        run = run_once(python("parent", code, tmp_path), 4)
        assert not run.user.is_known
        assert run.user.low > 0.3

    def test_what_needs_one_that_was_stopped_is_not_run(self, tmp_path: Path) -> None:
        slow = python("slow", "import time; time.sleep(60)", tmp_path)
        after = replace(python("after", "", tmp_path), needs="slow")
        beside = replace(python("beside", "", tmp_path), needs="quick")
        names = [name for _, name, _ in compete([slow, after, beside], rounds=1, limit=1)]
        assert sorted(names) == ["beside", "slow"]

    def test_the_first_run_does_not_count(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        quick = python("quick", f"open({str(log)!r}, 'a').write('x')", tmp_path)
        assert [number for number, _, _ in compete([quick], rounds=2, limit=60)] == [0, 1]
        assert log.read_text() == "xxx"

    def test_a_command_that_fails(self, tmp_path: Path) -> None:
        with pytest.raises(ContestError, match=r"broken in .*: exit code 2: no such option"):
            run_once(
                python(
                    "broken",
                    "import sys; print('no such option', file=sys.stderr); sys.exit(2)",
                    tmp_path,
                ),
                60,
            )

    @pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells it")
    def test_memory_is_that_of_the_main_process(self, tmp_path: Path) -> None:
        child = "x = bytearray(200_000_000); import time; time.sleep(0.3)"
        code = f"import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', {child!r}])"
        run = run_once(python("parent", code, tmp_path, watched=True), 60)
        assert run.megabytes is not None
        assert run.megabytes < 100


class TestReport:
    def test_what_stood_between_the_markers_is_replaced(self) -> None:
        document = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
        once = report.replaced(document, "new")
        assert once == f"before\n{report.BEGIN}\nnew\n{report.END}\nafter\n"
        assert report.replaced(once, "new") == once

    @pytest.mark.parametrize(
        "document",
        [
            "",
            report.BEGIN,
            f"{report.END} {report.BEGIN}",
            f"{report.BEGIN} {report.END} {report.END}",
            f"{report.BEGIN} {report.BEGIN} {report.END}",
        ],
    )
    def test_markers_that_are_not_there(self, document: str) -> None:
        with pytest.raises(report.MarkersError):
            report.replaced(document, "new")

    @pytest.mark.parametrize("name", ["README.md", "docs/speed.md"])
    def test_the_documents_have_them(self, name: str) -> None:
        assert report.replaced((ROOT / name).read_text(encoding="utf-8"), "new")

    def test_a_stopped_run_in_all_tables(self) -> None:
        stopped = [ran(Bounds.over(300))] * 3
        found = results.Results(
            about={
                "date": "2026-01-01",
                "machine": "Linux",
                "processors": 2,
                "python": "3.11",
                "limit": 300,
                "versions": {"ruff": "1"},
            },
            trees={NEMO: {"version": "2", "files": 10, "megabytes": 1.0}},
            groups={
                tree_group(NEMO): {
                    COLD: stopped,
                    RUFF: [ran(each) for each in known(1, 2, 3)],
                    TORCHFIX: stopped,
                }
            },
            where={NEMO: results.Where({"libcst": 3.0}, over=300)},
        )
        goals = {
            each.figure.run: (each.value.show(), each.goals()) for each in reached(found.groups)
        }
        assert goals == {
            "whole NeMo tree, cold, no cache": ("over 150", [(1.5, False), (1.0, False)]),
            "any tree, cold": ("unknown", [(0.05, None)]),
        }
        written = report.full(found)
        assert "| over 150 | 1.5: **no**; 1: **no** |" in written
        assert "| nemo-toolkit 2 | 10 | 1.0 | over 300 |  | 2.00 |  | over 300 |  |" in written
        assert "| nemo-toolkit, stopped after 300 s | 3.00 |" in written
        assert "Medians of 3 paired runs" in report.short(found)

    def test_the_worst_tree_counts(self) -> None:
        groups = {
            tree_group(name): {COLD: [ran(Bounds.exactly(ours))], TORCHFIX: [ran(theirs)]}
            for name, ours, theirs in (
                ("a", 1.0, Bounds.exactly(100)),
                ("b", 9.0, Bounds.exactly(100)),
                ("c", 6.0, Bounds.over(100)),
            )
        }
        (worst,) = reached(groups)
        assert (worst.group, worst.value) == ("tree b", Bounds.exactly(0.09))

    def test_every_row_of_the_goals(self) -> None:
        assert len(FIGURES) == 11

    def test_results_are_read_as_they_were_written(self, tmp_path: Path) -> None:
        runs = [Run(Bounds.exactly(1.5), Bounds.exactly(1)), Run(Bounds.over(9), Bounds.over(8), 5)]
        found = results.Results({"limit": 9}, {}, {"tree a": {COLD: runs}}, {})
        found.where["a"] = results.Where({"libcst": 1.0}, None)
        results.save(found, tmp_path / "results.json")
        assert results.load(tmp_path / "results.json") == found


class TestTrees:
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        archive = tmp_path / "thing-1.0.tar.gz"
        text = b"import os\n"
        with tarfile.open(archive, "w:gz") as opened:
            entry = tarfile.TarInfo("thing-1.0/thing.py")
            entry.size = len(text)
            opened.addfile(entry, io.BytesIO(text))
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        return Source("thing", "1.0", archive.as_uri(), digest)

    def test_a_tree_is_fetched_once(self, source: Source, tmp_path: Path) -> None:
        cache = tmp_path / "cache"
        assert unpacked(source, cache).python_files() == (1, 1e-5)
        (tmp_path / "thing-1.0.tar.gz").unlink()
        assert unpacked(source, cache).python_files() == (1, 1e-5)
        assert [each.name for each in cache.iterdir()] == ["thing-1.0"]

    def test_another_file_than_the_listed_one(self, source: Source, tmp_path: Path) -> None:
        other = Source(source.name, source.version, source.url, "0" * 64)
        with pytest.raises(TreeError, match="SHA-256"):
            unpacked(other, tmp_path / "cache")
        assert list((tmp_path / "cache").iterdir()) == []

    def test_what_can_t_be_fetched(self, source: Source, tmp_path: Path) -> None:
        other = Source(source.name, source.version, source.url + ".not", source.sha256)
        with pytest.raises(TreeError, match=r"thing-1\.0\.tar\.gz\.not"):
            unpacked(other, tmp_path / "cache")


class TestMade:
    def test_sizes(self, tmp_path: Path) -> None:
        project = made.project(tmp_path / "project", 200)
        assert len(list(project.rglob("*.py"))) == 200
        lines = made.file_of_lines(tmp_path / "lines", 1_000) / "made.py"
        assert math.isclose(lines.read_text().count("\n"), 1_000, rel_tol=0.02)
        classes = made.file_of_classes(tmp_path / "classes", 7) / "made.py"
        assert classes.read_text().count("L.LightningModule") == 7


class TestInstructions:
    kept = Kept(tolerance=0.05, kept=[Counted(counted_with={"python": "1"}, counts={"a": 1000})])

    @pytest.mark.parametrize(
        ("count", "said", "passes"),
        [
            (1_050, "+5.0%: as before", True),
            (1_051, "+5.1%: too many", False),
            (900, "-10.0%: better", True),
        ],
    )
    def test_a_count(self, count: int, said: str, passes: bool) -> None:  # noqa: FBT001
        lines, passed = compared(
            self.kept, Counted(counted_with={"python": "1"}, counts={"a": count})
        )
        assert passed is passes
        assert said in lines[0]

    def test_other_versions_are_not_compared(self) -> None:
        now = Counted(counted_with={"python": "2"}, counts={"a": 9_000})
        lines, passed = compared(self.kept, now)
        assert passed
        assert lines == ["a: 9,000 instructions", "not compared: nothing is kept for python 2"]
        assert compared(with_counted(self.kept, now), now) == (
            ["a: 9,000 instructions, +0.0%: as before"],
            True,
        )


class TestReliability:
    def test_runs_of_one_generator_are_summed(self, tmp_path: Path) -> None:
        for seed, parsed in ((1, 30), (2, 50)):
            counts = {"executions": 100, "parsed": parsed, "fixed": 5, "failures": seed - 1}
            run = {"generator": "mutated_fixtures", "seed": seed, "hours": 0.25, **counts}
            (tmp_path / f"{seed}.json").write_text(json.dumps(run))
        kept = reliability_report.read()
        kept["fuzzing"] = reliability_report.gathered(tmp_path)
        told = "200 in 0.5 hours (40% Python, 0% with findings, 5% fixed) | 1 |"
        assert told in reliability_report.rendered(kept)

    def test_the_page_shows_what_is_kept(self) -> None:
        page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
        assert reliability_report.rendered(reliability_report.read()) in page
