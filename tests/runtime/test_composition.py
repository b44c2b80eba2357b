"""hydra composes its configurations as the tests of the analysis say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.configurations import CASES, Case

if TYPE_CHECKING:
    from pathlib import Path

hydra = pytest.importorskip("hydra")
omegaconf = pytest.importorskip("omegaconf")

# hydra 1.3 was written for an older omegaconf than the newest, which warns of that.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_hydra_composes_it(case: Case, tmp_path: Path) -> None:
    for name, text in case.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    words = [f"{group}={option}" for group, option in case.choices.items()]
    with hydra.initialize_config_dir(version_base="1.3", config_dir=str(tmp_path)):
        composed = hydra.compose("config", overrides=words)
    shown = omegaconf.OmegaConf.to_container(composed)
    # For hydra an empty option is not there, which makes no difference.
    assert _filled(shown) == _filled(case.expected)


def _filled(tree: dict[str, object]) -> dict[str, object]:
    return {key: each for key, each in tree.items() if each != {}}
