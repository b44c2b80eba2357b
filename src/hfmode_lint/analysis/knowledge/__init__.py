"""What libraries do, as data: nothing here knows how modes flow.

Measured on CPU with torch 2.13, Lightning 2.2.5 and 2.6.6, transformers 5.23, peft 0.21,
diffusers 0.42, sentence-transformers 6.2 and huggingface_hub 2.4 unless an entry says otherwise.
"""
