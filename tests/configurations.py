"""Folders of configurations, and what hydra composes of them: the runtime tests ask it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Case:
    """The files of a folder, the options that are taken, and the configuration ``config``."""

    files: dict[str, str]
    expected: dict[str, object]
    choices: dict[str, str] = field(default_factory=dict)


NET = {"net/small.yaml": "size: 1\n", "net/large.yaml": "size: 2\ndepth: 3\n"}

CASES = {
    "a file alone": Case({"config.yaml": "a: 1\nb: {c: [1, x]}\n"}, {"a": 1, "b": {"c": [1, "x"]}}),
    "an option of a group": Case(
        {"config.yaml": "defaults: [{net: small}, _self_]\n", **NET}, {"net": {"size": 1}}
    ),
    "another option": Case(
        {"config.yaml": "defaults: [{net: small}, _self_]\n", **NET},
        {"net": {"size": 2, "depth": 3}},
        {"net": "large"},
    ),
    "the file itself beats its list": Case(
        {"config.yaml": "defaults:\n  - net: large\n  - _self_\nnet: {size: 9}\n", **NET},
        {"net": {"size": 9, "depth": 3}},
    ),
    "the list beats the file itself": Case(
        {"config.yaml": "defaults:\n  - _self_\n  - net: large\nnet: {size: 9, more: 1}\n", **NET},
        {"net": {"size": 2, "depth": 3, "more": 1}},
    ),
    "a list below": Case(
        {
            "config.yaml": "defaults:\n  - model: bert\n  - _self_\n",
            "model/bert.yaml": "defaults:\n  - base\n  - head: linear\n  - _self_\nname: bert\n",
            "model/base.yaml": "name: base\nlr: 0.1\n",
            "model/head/linear.yaml": "outputs: 2\n",
        },
        {"model": {"name": "bert", "lr": 0.1, "head": {"outputs": 2}}},
    ),
    "a group from the top": Case(
        {
            "config.yaml": "defaults:\n  - model: bert\n  - _self_\n",
            "model/bert.yaml": "defaults:\n  - /net: small\n  - _self_\nname: bert\n",
            **NET,
        },
        {"model": {"name": "bert", "net": {"size": 1}}},
    ),
    "a place of its own": Case(
        {
            "config.yaml": "defaults:\n  - net@encoder: small\n  - net@parts.decoder: large\n"
            "  - net@_here_: small\n  - _self_\n",
            **NET,
        },
        {"encoder": {"size": 1}, "parts": {"decoder": {"size": 2, "depth": 3}}, "size": 1},
    ),
    "a header of the first file": Case(
        {"config.yaml": "# @package a.b\ndefaults: [{net: small}, _self_]\nc: 1\n", **NET},
        {"a": {"b": {"net": {"size": 1}, "c": 1}}},
    ),
    "a header that names a place": Case(
        {
            "config.yaml": "defaults:\n  - net: small\n  - extra: one\n  - extra@b: two\n"
            "  - _self_\n",
            "net/small.yaml": "\n#@package model.net\n# a comment\nsize: 1\n",
            "extra/one.yaml": "# @package _global_\nseed: 1\n",
            "extra/two.yaml": "# @package _global_\nseed: 2\n",
        },
        {"model": {"net": {"size": 1}}, "seed": 1, "b": {"seed": 2}},
    ),
    "a header behind a comment is none": Case(
        {
            "config.yaml": "defaults:\n  - net: small\n  - _self_\n",
            "net/small.yaml": "# a comment\n# @package _global_\nsize: 1\n",
        },
        {"net": {"size": 1}},
    ),
    "an experiment overrides": Case(
        {
            "config.yaml": "defaults:\n  - net: small\n  - _self_\n  - experiment: long\n",
            "experiment/long.yaml": "# @package _global_\n"
            "defaults:\n  - override /net: large\n  - _self_\nepochs: 9\nnet: {depth: 7}\n",
            **NET,
        },
        {"net": {"size": 2, "depth": 7}, "epochs": 9},
    ),
    "nothing taken, and nothing there": Case(
        {
            "config.yaml": "defaults:\n  - net: null\n  - optional local: mine\n  - _self_\na: 1\n",
            **NET,
        },
        {"a": 1},
    ),
    "several options": Case(
        {"config.yaml": "defaults:\n  - net: [small, large]\n  - _self_\n", **NET},
        {"net": {"size": 2, "depth": 3}},
    ),
    "a path, with a suffix": Case(
        {"config.yaml": "defaults:\n  - net/large.yaml\n  - net: small.yaml\n  - _self_\n", **NET},
        {"net": {"size": 1, "depth": 3}},
    ),
    "a group of groups": Case(
        {
            "config.yaml": "defaults:\n  - task: tag\n  - task/net: small\n  - _self_\n",
            "task/tag.yaml": "name: tag\n",
            "task/net/small.yaml": "size: 1\n",
        },
        {"task": {"name": "tag", "net": {"size": 1}}},
    ),
    "an experiment takes an option that says less": Case(
        {
            "config.yaml": "defaults:\n  - net: large\n  - experiment: short\n  - _self_\n",
            "experiment/short.yaml": "# @package _global_\n"
            "defaults:\n  - override /net: small\n  - _self_\nepochs: 1\n",
            **NET,
        },
        {"net": {"size": 1}, "epochs": 1},
    ),
    "files named by their paths": Case(
        {
            "config.yaml": "defaults:\n  - net/large@encoder\n  - model: bert\n  - _self_\n",
            "model/bert.yaml": "defaults:\n  - /base\n  - /net/small\n  - _self_\nname: bert\n",
            "base.yaml": "seed: 1\n",
            **NET,
        },
        {
            "encoder": {"size": 2, "depth": 3},
            "model": {"seed": 1, "net": {"size": 1}, "name": "bert"},
        },
    ),
    "a place that is the group's": Case(
        {
            "config.yaml": "defaults:\n  - model: bert\n  - _self_\n",
            "model/bert.yaml": "defaults:\n  - head/kind@other: linear\n"
            "  - head/kind@_group_: wide\n  - _self_\nname: bert\n",
            "model/head/kind/linear.yaml": "outputs: 2\n",
            "model/head/kind/wide.yaml": "outputs: 3\n",
        },
        {
            "model": {
                "other": {"outputs": 2},
                "head": {"kind": {"outputs": 3}},
                "name": "bert",
            }
        },
    ),
    "a list below without the file itself": Case(
        {
            "config.yaml": "defaults:\n  - model: bert\n  - _self_\n",
            "model/bert.yaml": "defaults:\n  - base\nname: bert\n",
            "model/base.yaml": "name: base\nlr: 0.1\n",
        },
        {"model": {"name": "bert", "lr": 0.1}},
    ),
    "several options, the first of them missing": Case(
        {"config.yaml": "defaults:\n  - optional net: [gone, small]\n  - _self_\n", **NET},
        {"net": {"size": 1}},
    ),
    "one file in two places, changed in one": Case(
        {
            "config.yaml": "defaults:\n  - net@a: deep\n  - net@b: deep\n  - _self_\n"
            "a: {inner: {x: 2, most: {z: 5}}}\n",
            "net/deep.yaml": "inner: {x: 1, most: {z: 4}}\n",
        },
        {
            "a": {"inner": {"x": 2, "most": {"z": 5}}},
            "b": {"inner": {"x": 1, "most": {"z": 4}}},
        },
    ),
    "a long way down": Case(
        {
            "config.yaml": "defaults:\n  - a: x\n  - _self_\n",
            **{
                "/".join("abcdef"[:depth]) + "/x.yaml": f"defaults:\n  - {below}: x\n  - _self_\n"
                for depth, below in enumerate("bcdefg", start=1)
            },
            "a/b/c/d/e/f/g/x.yaml": "size: 1\n",
        },
        {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"size": 1}}}}}}}},
    ),
    "many files": Case(
        {
            "config.yaml": "defaults:\n"
            + "".join(f"  - n{i}\n" for i in range(30))
            + "  - _self_\n",
            **{f"n{i}.yaml": f"a{i}: {i}\n" for i in range(30)},
        },
        {f"a{i}": i for i in range(30)},
    ),
    "an empty file": Case(
        {"config.yaml": "defaults:\n  - net: none\n  - _self_\na: 1\n", "net/none.yaml": ""},
        {"a": 1, "net": {}},
    ),
}
