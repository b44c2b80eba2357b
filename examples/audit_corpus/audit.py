"""Check a corpus of source files that is a Parquet table, in as many processes as you like.

``python audit.py TABLE.parquet FINDINGS.parquet --workers 4``

The table has a row a file: ``path`` (a string) and ``content`` (bytes). Each row group of it is a
task; what comes back is a table of findings, which ``FINDINGS.parquet`` then holds.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

import dask.dataframe as dd
import pandas as pd
import pyarrow.parquet as pq

from hfmode_lint import Options, check_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint import Finding

# A corpus has files for other Pythons; that these can't be parsed is nothing that one looks for.
OPTIONS = Options(ignore=("HFM000",))
COLUMNS = {
    "path": "str",
    "row": "int64",
    "column": "int64",
    "code": "str",
    "module_path": "str",
    "origin": "str",
    "message": "str",
}


def findings_in(rows: pd.DataFrame, options: Options = OPTIONS) -> pd.DataFrame:
    """The findings of some files.

    :param rows: their paths and contents; each is checked by itself.
    :returns: a row a finding; rows and columns count from 1.
    """
    return _frame(
        _record(finding)
        for path, content in zip(rows["path"], rows["content"], strict=True)
        for finding in check_source(content, path, options)
    )


def _record(finding: Finding) -> tuple[str | int | None, ...]:
    row, column = finding.start.line, finding.start.column + 1
    names = (finding.code, finding.module_path, finding.origin, finding.message)
    return finding.filename, row, column, *names


def _frame(records: Iterator[tuple[str | int | None, ...]]) -> pd.DataFrame:
    return pd.DataFrame(list(records), columns=list(COLUMNS)).astype(COLUMNS)


def audit(table: str, options: Options = OPTIONS) -> dd.DataFrame:
    """The findings in a table of files, to be computed by a scheduler of Dask's."""
    files = dd.read_parquet(table, columns=["path", "content"], split_row_groups=True)
    return files.map_partitions(findings_in, options, meta=_frame(iter(())))


def main() -> None:
    """Audit the table that the command line names."""
    parser = argparse.ArgumentParser(description="Check a table of source files.")
    parser.add_argument("table", metavar="TABLE.parquet")
    parser.add_argument("findings", metavar="FINDINGS.parquet")
    parser.add_argument("--workers", type=int, default=2, help="how many processes (2)")
    arguments = parser.parse_args()
    begin = time.perf_counter()
    found = audit(arguments.table).compute(scheduler="processes", num_workers=arguments.workers)
    seconds = time.perf_counter() - begin
    found.to_parquet(arguments.findings, index=False)
    files = pq.read_metadata(arguments.table).num_rows
    print(f"{files:,} files, {arguments.workers} workers, {seconds:.0f} s, {len(found)} findings")
    for code, count in found["code"].value_counts().sort_index().items():
        print(f"{code} {count}")


if __name__ == "__main__":
    main()
