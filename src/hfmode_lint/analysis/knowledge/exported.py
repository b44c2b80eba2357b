"""Exported classes whose ``from_pretrained`` gives something else than their name says.

Written by ``python -m tests.runtime.list_classes``, at last from what these versions export:
diffusers 0.42.1, peft 0.21.2, sentence_transformers 6.2.0, transformers 5.24.0;
what they no longer export is as earlier versions had it.
"""

from __future__ import annotations

RESULTS = {
    "diffusers.AceStepAudioTokenDetokenizer": "module",
    "diffusers.AceStepAudioTokenizer": "module",
    "diffusers.AutoPipelineForImage2Image": "holder",
    "diffusers.AutoPipelineForInpainting": "holder",
    "diffusers.AutoPipelineForText2Audio": "holder",
    "diffusers.AutoPipelineForText2Image": "holder",
    "diffusers.Cosmos3AVAEAudioTokenizer": "module",
    "diffusers.EMAModel": "nothing",
    "diffusers.FlaxAutoencoderKL": "nothing",
    "diffusers.FlaxControlNetModel": "nothing",
    "diffusers.FlaxModelMixin": "nothing",
    "diffusers.FlaxUNet2DConditionModel": "nothing",
    "diffusers.LEditsPPPipelineStableDiffusion": "holder",
    "diffusers.LEditsPPPipelineStableDiffusionXL": "holder",
    "diffusers.Mel": "nothing",
    "diffusers.OnnxRuntimeModel": "nothing",
    "diffusers.SanaWMLTX2Refiner": "holder",
    "diffusers.StableDiffusionPipelineSafe": "holder",
    "transformers.FeatureExtractionMixin": "nothing",
    "transformers.ImageProcessingMixin": "nothing",
    "transformers.ModelCard": "nothing",
    "transformers.PilBackend": "nothing",
    "transformers.PreTrainedTokenizerBase": "nothing",
    "transformers.PythonBackend": "nothing",
    "transformers.SentencePieceBackend": "nothing",
    "transformers.TokenizersBackend": "nothing",
    "transformers.TransfoXLCorpus": "nothing",
    "transformers.Wav2Vec2ProcessorWithLM": "nothing",
}
