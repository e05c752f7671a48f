"""The organism of Qwen2-VL's class: see `builders`."""

from collections.abc import Sequence

from transformers import (
    Qwen2VLConfig,
    Qwen2VLForConditionalGeneration,
    Qwen2VLImageProcessor,
    Qwen2VLProcessor,
    Qwen2VLVideoProcessor,
)

from linmech.organisms.families.qwen import decoder_of, words_of
from linmech.organisms.start import IMAGE_MEAN, IMAGE_STD, start
from linmech.organisms.templates import QWEN_TEMPLATE
from linmech.organisms.tokenizer import corpus


def build_qwen2_vl(
    nouns: Sequence[str], colours: Sequence[str], *, seed: int, side: int = 128, patch: int = 16,
    hidden: int = 128, decoder_layers: int = 8, vision_layers: int = 4, vocabulary: int = 800, turning: bool = False,
) -> tuple[Qwen2VLForConditionalGeneration, Qwen2VLProcessor]:  # fmt: skip
    """An untrained Qwen2-VL and its processor, of the same sizes as `build_llava`'s; every patch is one token.

    `turning`: of the rotations of `build_qwen2_5_vl`, slower as its rows and columns are more, in the place of the
    published ones, by which the next column turns no pair by more than 2e-4 radians.
    """
    tokenizer, marks = words_of(corpus(nouns, colours), vocabulary)
    pairs = hidden // 8
    shares = dict(height=pairs * 3 // 8, width=pairs * 3 // 8)
    if turning:
        shares = dict(height=max(1, pairs // 8), width=pairs * 11 // 16, base=1000.0)
    text = decoder_of(len(tokenizer), hidden, decoder_layers, **shares)
    vision = dict(
        depth=vision_layers, embed_dim=hidden, hidden_size=hidden, num_heads=4, mlp_ratio=3, patch_size=patch,
        spatial_merge_size=1, temporal_patch_size=2,
    )  # fmt: skip
    config = Qwen2VLConfig(text_config=text, vision_config=vision, tie_word_embeddings=False, **marks)
    cut = dict(patch_size=patch, merge_size=1, image_mean=IMAGE_MEAN, image_std=IMAGE_STD)
    image, video = ({"shortest_edge": side**2, "longest_edge": frames * side**2} for frames in (1, 8))
    processor = Qwen2VLProcessor(
        image_processor=Qwen2VLImageProcessor(size=image, **cut), tokenizer=tokenizer, chat_template=QWEN_TEMPLATE,
        video_processor=Qwen2VLVideoProcessor(size=video, **cut),
    )  # fmt: skip
    return start(Qwen2VLForConditionalGeneration, config, seed), processor
