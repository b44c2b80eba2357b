"""Write a Parquet table of the Python files of folders: a row a file, with its path and content.

``python build_table.py TABLE.parquet FOLDER …``
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SCHEMA = pa.schema([("path", pa.string()), ("content", pa.binary())])
# A row group is what one worker reads at a time: large enough to be worth sending, and small
# enough for many of them to be under way, and for the last one to be over soon.
_GROUP_BYTES = 4_000_000


def python_files(folders: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The paths and contents of all ``.py`` files below folders; what can't be read is told."""
    for path in sorted({path for folder in folders for path in Path(folder).rglob("*.py")}):
        if not path.is_file():
            continue
        try:
            # Names that are no UTF-8 have no place in a table of strings.
            yield str(path).encode("utf-8", "backslashreplace").decode(), path.read_bytes()
        except OSError as error:
            print(f"{path}: {error.strerror}", file=sys.stderr)


def write_table(files: Iterable[tuple[str, bytes]], table: str) -> tuple[int, int]:
    """Write files into a table.

    :param files: their paths and contents.
    :param table: the name of the Parquet file.
    :returns: how many files and how many bytes of source it has.
    """
    count = size = 0
    with pq.ParquetWriter(table, SCHEMA, compression="zstd") as writer:
        for group in _groups(files):
            writer.write_table(pa.Table.from_pylist(group, SCHEMA))
            count += len(group)
            size += _size(group)
    return count, size


def _groups(files: Iterable[tuple[str, bytes]]) -> Iterator[list[dict[str, str | bytes]]]:
    group: list[dict[str, str | bytes]] = []
    size = 0
    for path, content in files:
        group.append({"path": path, "content": content})
        size += len(content)
        if size >= _GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _size(group: Iterable[dict[str, str | bytes]]) -> int:
    return sum(len(row["content"]) for row in group)


def main() -> None:
    """Build the table that the command line names."""
    parser = argparse.ArgumentParser(description="Write a table of the Python files of folders.")
    parser.add_argument("table", metavar="TABLE.parquet")
    parser.add_argument("folders", metavar="FOLDER", nargs="+")
    arguments = parser.parse_args()
    count, size = write_table(python_files(arguments.folders), arguments.table)
    print(f"{count:,} files, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
