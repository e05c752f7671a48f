"""Model organisms: small VLMs of the real Hugging Face classes, built from a config and trained from scratch.

`llava`: a CLIP vision tower (64 patches), a two-layer projector and a Llama decoder, with LLaVA-1.5's chat template.
`qwen2-vl`: Qwen2-VL's vision tower and decoder with rotary positions in three dimensions, and its chat template.
`mllama`: Llama-3.2-Vision's vision tower and a decoder that reads the image by cross-attention in every fourth block.
`internvl`: InternVL3's vision tower and projector (its patches are not merged) and a Qwen2 decoder.
`gemma3`: SigLIP, and Gemma-3's decoder, whose image tokens see one another both ways (`organism_gemma3`).
`onevision`: SigLIP and a Qwen2 decoder, LLaVA-OneVision's class: four patches of a frame are pooled into one token, and
frames are told apart by nothing but the order of their tokens.
`qwen2.5-vl`: Qwen2.5-VL's vision tower and decoder, whose rotary positions hold the time of a frame in seconds.
`video-llama-3`: VideoLLaMA3's vision tower and a Qwen2 decoder, to which the time of a frame is told in words.
The last three see videos in frames of `side` px, the others 128 px images in 64 patches; all speak `tokenizer`'s words.
"""

from collections.abc import Callable

from linmech.organisms.families.gemma3 import build_gemma3
from linmech.organisms.families.internvl import build_internvl
from linmech.organisms.families.llava import build_llava
from linmech.organisms.families.mllama import build_mllama
from linmech.organisms.families.onevision import build_onevision
from linmech.organisms.families.qwen2_5_vl import build_qwen2_5_vl
from linmech.organisms.families.qwen2_vl import build_qwen2_vl
from linmech.organisms.families.video_llama_3 import build_video_llama_3

BUILDERS: dict[str, Callable] = {
    "llava": build_llava, "qwen2-vl": build_qwen2_vl, "mllama": build_mllama, "internvl": build_internvl,
    "gemma3": build_gemma3, "onevision": build_onevision, "qwen2.5-vl": build_qwen2_5_vl,
    "video-llama-3": build_video_llama_3,
}  # fmt: skip
