"""Model organisms: small VLMs of the real Hugging Face classes, built from a config and trained from scratch.

`llava`: a CLIP vision tower (64 patches), a two-layer projector and a Llama decoder, with LLaVA-1.5's chat template.
`qwen2-vl`: Qwen2-VL's vision tower and decoder with rotary positions in three dimensions, and its chat template.
`mllama`: Llama-3.2-Vision's vision tower and a decoder that reads the image by cross-attention in every fourth block.
`internvl`: InternVL3's vision tower and projector (its patches are not merged) and a Qwen2 decoder.
`gemma3`: SigLIP, and Gemma-3's decoder, whose image tokens see one another both ways (`organism_gemma3`).
All see 128 px images in 64 patches and speak the words of `tokenizer`.
"""

from collections.abc import Callable

from linmech.organisms.families.gemma3 import build_gemma3
from linmech.organisms.families.internvl import build_internvl
from linmech.organisms.families.llava import build_llava
from linmech.organisms.families.mllama import build_mllama
from linmech.organisms.families.qwen2_vl import build_qwen2_vl

BUILDERS: dict[str, Callable] = {
    "llava": build_llava, "qwen2-vl": build_qwen2_vl, "mllama": build_mllama, "internvl": build_internvl,
    "gemma3": build_gemma3,
}  # fmt: skip
