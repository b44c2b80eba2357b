"""Programs that more than one test file needs."""

import json

BUGGY = """\
import lightning as L
from transformers import AutoModel


class Tagger(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("x")

    def training_step(self, batch, batch_idx):
        return self.encoder(batch).sum()
"""
FIXED = BUGGY.replace('("x")', '("x").train()')
PLACE = "8:24"
MESSAGE = (
    "HFM001 self.encoder is loaded in eval mode by AutoModel.from_pretrained() and still in eval "
    "mode when training starts (dropout is off); append .train()"
)
NOTEBOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "markdown", "id": "about", "metadata": {}, "source": "# A tagger"},
            {
                "cell_type": "code",
                "execution_count": None,
                "id": "tagger",
                "metadata": {},
                "outputs": [],
                "source": BUGGY,
            },
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)
