"""Options: what the user may choose, where it may stand, and how the places rank.

The command line beats ``[tool.hfmode-lint]`` of a pyproject.toml, which beats the defaults.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from hfmode_lint.immutable import immutable
from hfmode_lint.reading import read
from hfmode_lint.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from hfmode_lint.lightning_version import LightningRange
    from hfmode_lint.per_file_ignores import PerFileIgnore
    from hfmode_lint.rules.base import Rule
    from hfmode_lint.set_elsewhere import SetElsewhere

OUTPUT_FORMATS = ("text", "concise", "json", "jsonl", "github", "gitlab", "sarif", "junit", "html")

_SECTION = "hfmode-lint"
_EVERYTHING = "ALL"
_EXTEND = "extend"
# Their entries have patterns, which count from the folder of the file that says them.
_WITH_PATTERNS = {"set_elsewhere", "per_file_ignores"}


class ConfigError(Exception):
    """An option is wrong; the message is one line that names its place."""


@immutable
class Options:
    """Everything that changes what is checked, fixed or shown.

    ``select``, ``ignore`` and ``extend_select`` hold codes or their beginnings (``HFM``,
    ``HFM00``) or ``ALL``; ``select=None`` stands for the rules that are on by default. One that
    is off by default wants its whole code, ``ALL``, or the beginning of codes that are all off by
    default (``HFM1``): ``HFM`` does not turn it on. Where a rule is both selected and ignored the
    longer beginning wins, and ``ignore`` where they are equally long.

    ``exclude`` holds patterns as in a .gitignore file at ``exclude_root`` (the current folder if
    empty). Files that were named one by one are checked in spite of them, unless
    ``force_exclude``.

    ``per_file_ignores`` leave rules out in some files, whatever selects them.

    ``project`` says that a file is looked at together with the other files of its project, which
    are found from its root and from the folders ``src`` below it.

    Some options say what a project is, and not what is wanted of this run: ``src``,
    ``set_elsewhere`` and ``follow``. Where one is None, the configuration of each file's own
    project is asked.

    ``lightning_version`` is a version of Lightning or a range of them (``2.1.4``,
    ``>=2.0,<2.2``), and beats ``required_lightning``, which is what the files of a project say;
    who reads files fills that in.

    ``set_elsewhere`` are the modules whose train mode is set out of sight. ``follow`` are the
    installed packages, by the names that import them, whose source is looked at as well.

    :raises ValueError: where ``lightning_version`` is neither a version nor a range.
    """

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    per_file_ignores: tuple[PerFileIgnore, ...] = ()
    exclude: tuple[str, ...] = ()
    exclude_root: str = ""
    force_exclude: bool = False
    output_format: str = "text"
    unsafe_fixes: bool = False
    project: bool = True
    src: tuple[str, ...] | None = None
    lightning_version: str = ""
    required_lightning: LightningRange | None = None
    set_elsewhere: tuple[SetElsewhere, ...] | None = None
    follow: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse a version that says nothing, before anything is checked."""
        if self.lightning_version:
            _chosen_range(self.lightning_version)

    @property
    def lightning(self) -> LightningRange | None:
        """The versions of Lightning that count; None where nothing is known of them."""
        if not self.lightning_version:
            return self.required_lightning
        return _chosen_range(self.lightning_version)

    @property
    def enabled_codes(self) -> frozenset[str]:
        """The codes of the rules that are on."""
        return frozenset(rule.code for rule in RULES.values() if self._is_on(rule))

    def codes_for(self, filename: str) -> frozenset[str]:
        """The codes of the rules that are on for a file."""
        # Imported here and below for those whose files are looked at, or say anything of it.
        from hfmode_lint.per_file_ignores import ignored_codes

        codes = self.enabled_codes
        return codes - ignored_codes(self.per_file_ignores, codes, filename)

    @property
    def follows_loops(self) -> bool:
        """Whether a rule about training loops is on."""
        return any(RULES[code].about_loops for code in self.enabled_codes)

    def _is_on(self, rule: Rule) -> bool:
        named = (*(self.select or ()), *self.extend_select)
        if not rule.default:
            named = tuple(code for code in named if _turns_on(code, rule))
        selected = _longest_match(rule.code, named)
        if self.select is None and rule.default:
            selected = max(selected, 0)
        return selected > _longest_match(rule.code, self.ignore)


def check_codes(codes: Iterable[str], place: str) -> tuple[str, ...]:
    """Codes in capitals, as :class:`Options` has them.

    :param place: what to call the place where they stand, in an error.
    :raises ConfigError: where one of them is the beginning of no rule's code.
    """
    capitals = tuple(code.upper() for code in codes)
    for code in capitals:
        if code != _EVERYTHING and not (code and any(known.startswith(code) for known in RULES)):
            raise ConfigError(f"{place}: unknown rule code {code!r} (see --list-rules)")
    return capitals


def check_lightning_version(text: str, place: str) -> str:
    """A version of Lightning, or a range of them, as the user wrote it.

    :param place: what to call the place where it stands, in an error.
    :raises ConfigError: where it is neither.
    """
    try:
        _chosen_range(text)
    except ValueError as error:
        raise ConfigError(f"{place}: {error}") from None
    return text


def check_packages(names: Iterable[str], place: str) -> tuple[str, ...]:
    """Names of packages, as :class:`Options` has them.

    :param place: what to call the place where they stand, in an error.
    :raises ConfigError: where one can't be imported by such a name, or needs no look into it.
    """
    packages = tuple(names)
    for name in packages:
        _check_package(name, place)
    return packages


def _check_package(name: str, place: str) -> None:
    # Imported for those who follow packages only.
    from hfmode_lint.analysis.knowledge.names import canonical, is_well_behaved

    if not all(part.isidentifier() for part in name.split(".")):
        raise ConfigError(f"{place}: {name!r} is no name by which a package is imported")
    if is_well_behaved(canonical(name)):
        raise ConfigError(f"{place}: what {name} does is known, it can't be followed")


def _chosen_range(text: str) -> LightningRange:
    # Imported for those who choose a version only.
    from hfmode_lint.lightning_version import chosen_range

    return chosen_range(text)


def load(folder: str, options: Options | None = None) -> tuple[Options, str | None]:
    """Options of the nearest pyproject.toml that has our section, in a folder or above it.

    :returns: the options, and the file they come from or None.
    :raises ConfigError: where that file is wrong.
    """
    options = options or Options()
    for candidate in _upward(os.path.abspath(folder)):
        path = os.path.join(candidate, "pyproject.toml")
        section = _section(path, _read(path, missing=b""))
        if section is not None:
            return _with_section(options, section, path), path
    return options, None


def load_file(path: str, options: Options | None = None) -> Options:
    """Options of the file that the user named.

    :raises ConfigError: where it can't be read, is wrong, or has no section of ours.
    """
    return _with_section(options or Options(), _own_section(path), path)


def override(
    options: Options,
    *,
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    extend_select: tuple[str, ...] = (),
) -> Options:
    """Options with the rules chosen on the command line.

    ``select`` starts anew and forgets what the file says of rules; the other two add to the
    file, and beat what it says of the same rules.
    """
    if select:
        options = replace(options, select=select, ignore=(), extend_select=())
    kept = None if options.select is None else _without(options.select, ignore)
    return replace(
        options,
        select=kept,
        ignore=(*_without(options.ignore, extend_select), *ignore),
        extend_select=(*_without(options.extend_select, ignore), *extend_select),
    )


def _without(codes: tuple[str, ...], covered_by: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code for code in codes if _longest_match(code, covered_by) < 0)


def _turns_on(selector: str, rule: Rule) -> bool:
    """Whether a selector means a rule that is off by default: it names no other ones."""
    if selector in {rule.code, _EVERYTHING}:
        return True
    return not any(each.default for each in RULES.values() if each.code.startswith(selector))


def _longest_match(code: str, beginnings: Iterable[str]) -> int:
    return max((_match(code, beginning) for beginning in beginnings), default=-1)


def _match(code: str, beginning: str) -> int:
    """How closely a selector names a code: its length, or -1 where it doesn't."""
    if beginning == _EVERYTHING:
        return 0
    return len(beginning) if code.startswith(beginning) else -1


def _upward(folder: str) -> Iterator[str]:
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        folder = parent


def _read(path: str, missing: bytes | None = None) -> bytes:
    try:
        return read(path)
    except OSError as error:
        if missing is not None and isinstance(error, FileNotFoundError | NotADirectoryError):
            return missing
        raise ConfigError(f"{path}: {error.strerror or error}") from None


def _section(path: str, data: bytes) -> Mapping[str, Any] | None:
    # Most files say nothing to us, and need no parser.
    if _SECTION.encode() not in data:
        return None
    tables = _parse(path, data)
    tool = tables.get("tool", {})
    section = tool.get(_SECTION) if isinstance(tool, dict) else None
    if section is not None and not isinstance(section, dict):
        raise ConfigError(f"{path}: tool.{_SECTION} must be a table")
    return section


def _own_section(path: str) -> Mapping[str, Any]:
    section = _section(path, _read(path))
    if section is None:
        raise ConfigError(f"{path}: has no [tool.{_SECTION}] section")
    return section


def _parse(path: str, data: bytes) -> dict[str, Any]:
    try:
        return parse_toml(data.decode("utf-8-sig"))
    except ValueError as error:
        raise ConfigError(f"{path}: {' '.join(str(error).split())}") from None


def parse_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text.

    :raises ValueError: where it is none.
    """
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _with_section(
    options: Options, section: Mapping[str, Any], path: str, extended_by: tuple[str, ...] = ()
) -> Options:
    """Options with what a file says, and what the file says that it extends.

    :param extended_by: the files that extend this one.
    """
    if _EXTEND in section:
        options = _with_extended(options, section[_EXTEND], path, extended_by)
    values: dict[str, Any] = {}
    for key, value in section.items():
        if key == _EXTEND:
            continue
        if key in _FOR_THE_COMMAND_LINE:
            raise ConfigError(f"{path}: {key}: only the command line can say that (--{key})")
        if key not in _READERS:
            known = ", ".join((*_READERS, _EXTEND))
            raise ConfigError(f"{path}: unknown key {key!r} in [tool.{_SECTION}] (known: {known})")
        values[key.replace("-", "_")] = _READERS[key](value, f"{path}: {key}")
    folder = os.path.dirname(os.path.abspath(path))
    if "exclude" in values:
        values["exclude_root"] = folder
    for key in _WITH_PATTERNS & set(values):
        values[key] = tuple(replace(entry, folder=folder) for entry in values[key])
    return replace(options, **values)


def _with_extended(
    options: Options, value: object, path: str, extended_by: tuple[str, ...]
) -> Options:
    """Options with what another file says; ``value`` is its name, from the folder of ``path``."""
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{path}: {_EXTEND}: must be the name of a file")
    seen = (*extended_by, os.path.realpath(path))
    extended = os.path.normpath(os.path.join(os.path.dirname(path), value))
    if os.path.realpath(extended) in seen:
        raise ConfigError(f"{path}: {_EXTEND}: {value} extends this file in turn")
    return _with_section(options, _own_section(extended), extended, seen)


class Key(NamedTuple):
    """A key of ``[tool.hfmode-lint]``, as its documentation has it.

    ``meaning`` is empty where an option of the command has the same name: its text is the key's.
    """

    name: str
    values: str
    default: str
    meaning: str


def documented_keys() -> Iterator[Key]:
    """The keys that a configuration file may have, in the order of their documentation."""
    defaults = Options()
    for name, reader in _READERS.items():
        # A key that says where options come from is no option itself.
        default = getattr(defaults, name.replace("-", "_"), None)
        shown = "{}" if reader is _per_file_ignores else _as_toml(default)
        yield Key(name, reader.__doc__ or "", shown, _MEANINGS.get(name, ""))
    yield Key(_EXTEND, "The name of a file.", "", _MEANINGS[_EXTEND])


def _as_toml(value: object) -> str:
    """A default as the file would say it; empty where nothing that can be said means the same."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return str(list(value))
    return f'"{value}"' if value else ""


# The docstring of a reader is what the documentation says of its values.
def _strings(value: object, place: str) -> tuple[str, ...]:
    """A list of strings."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{place}: must be a list of strings")
    return tuple(value)


def _codes(value: object, place: str) -> tuple[str, ...]:
    """A list of codes, of their beginnings, or `ALL`."""
    return check_codes(_strings(value, place), place)


def _flag(value: object, place: str) -> bool:
    """`true` or `false`."""
    if not isinstance(value, bool):
        raise ConfigError(f"{place}: must be true or false")
    return value


def _output_format(value: object, place: str) -> str:
    """The name of a format."""
    if value not in OUTPUT_FORMATS:
        raise ConfigError(f"{place}: must be one of {', '.join(OUTPUT_FORMATS)}")
    return str(value)


def _lightning_version(value: object, place: str) -> str:
    """A version or a range of versions."""
    if not isinstance(value, str):
        raise ConfigError(f"{place}: must be a string")
    return check_lightning_version(value, place)


def _packages(value: object, place: str) -> tuple[str, ...]:
    """A list of names as they are imported."""
    return check_packages(_strings(value, place), place)


def _per_file_ignores(value: object, place: str) -> tuple[PerFileIgnore, ...]:
    """A table: patterns, each with a list of codes."""
    if not isinstance(value, dict):
        raise ConfigError(f"{place}: must be a table of patterns with lists of codes")
    return tuple(
        per_file_ignore(pattern, _strings(codes, f"{place}: {pattern}"), place)
        for pattern, codes in value.items()
    )


def per_file_ignore(pattern: str, codes: Iterable[str], place: str) -> PerFileIgnore:
    """A pattern and the rules that are left out in the files that it fits.

    :param place: what to call the place where they stand, in an error.
    :raises ConfigError: where the pattern or a code is wrong.
    """
    from hfmode_lint.per_file_ignores import PerFileIgnore

    try:
        return PerFileIgnore(pattern, check_codes(codes, place))
    except ValueError as error:
        raise ConfigError(f"{place}: {error}") from None


def _set_elsewhere(value: object, place: str) -> tuple[SetElsewhere, ...]:
    """Tables with `class`, `path` and `reason`."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ConfigError(f"{place}: must be a list of tables ([[tool.{_SECTION}.set-elsewhere]])")
    return tuple(_entry(item, f"{place}, entry {number}") for number, item in enumerate(value, 1))


def _entry(table: Mapping[str, object], place: str) -> SetElsewhere:
    for key, value in table.items():
        if key not in _ENTRY_FIELDS:
            known = ", ".join(_ENTRY_FIELDS)
            raise ConfigError(f"{place}: unknown key {key!r} (known: {known})")
        if not isinstance(value, str):
            raise ConfigError(f"{place}: {key} must be a string")
    from hfmode_lint.set_elsewhere import SetElsewhere

    try:
        return SetElsewhere(**{_ENTRY_FIELDS[key]: str(value) for key, value in table.items()})
    except ValueError as error:
        raise ConfigError(f"{place}: {error}") from None


_ENTRY_FIELDS = {"class": "class_name", "path": "path", "reason": "reason"}

_READERS: Mapping[str, Callable[[object, str], object]] = {
    "select": _codes,
    "ignore": _codes,
    "extend-select": _codes,
    "per-file-ignores": _per_file_ignores,
    "exclude": _strings,
    "force-exclude": _flag,
    "output-format": _output_format,
    "lightning-version": _lightning_version,
    "project": _flag,
    "src": _strings,
    "set-elsewhere": _set_elsewhere,
    "follow": _packages,
}

# What is written and where, who starts a run must say: a repository's file is its authors' word.
_FOR_THE_COMMAND_LINE = frozenset(
    {"add-noqa", "baseline", "cache-dir", "fix", "output-file", "unsafe-fixes", "update-baseline"}
)

# What the keys mean that are no options of the command.
_MEANINGS: Mapping[str, str] = {
    "extend": "A file whose section counts where this one says nothing.",
    "force-exclude": "Leave out what `exclude` names even if it is named on the command line.",
    "project": "Look at each file together with the other files of its project (`--no-project`).",
    "src": "More folders, from the project's root, in which its imports are looked for.",
    "set-elsewhere": "The modules whose train mode is set where it can't be seen (see below).",
}
