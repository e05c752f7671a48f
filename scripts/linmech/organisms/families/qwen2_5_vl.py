"""The organism of Qwen2.5-VL's class: see `builders`."""

from collections.abc import Sequence

from transformers import (
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2VLImageProcessor,
    Qwen2VLVideoProcessor,
)

from linmech.organisms.families.qwen import decoder_of, words_of
from linmech.organisms.start import IMAGE_MEAN, IMAGE_STD, start
from linmech.organisms.templates import QWEN_TEMPLATE
from linmech.organisms.tokenizer import corpus


def build_qwen2_5_vl(
    nouns: Sequence[str], colours: Sequence[str], *, seed: int, side: int = 128, patch: int = 16,
    hidden: int = 128, decoder_layers: int = 8, vision_layers: int = 4, vocabulary: int = 800,
) -> tuple[Qwen2_5_VLForConditionalGeneration, Qwen2_5_VLProcessor]:  # fmt: skip
    """An untrained Qwen2.5-VL and its processor, of the same sizes as `build_llava`'s.

    Of a frame's patches each square of four is merged into one token. Frames are not merged in pairs, as those of the
    published models are: every frame has tokens of its own, and a rotary position of its own in time, one a second.

    Nothing but rotations tells this class where a patch is, and by the published base (1e6, and [16, 24, 24] of 64
    pairs) a column turns no pair of width by more than 2e-4 radians (3e-5 where there are 16 pairs). Here it turns them
    by 0.17 and less, so that places can be learned; the last ones still turn so little that words and patches are
    matched from afar.
    """
    tokenizer, marks = words_of(corpus(nouns, colours, time=True), vocabulary)
    pairs = hidden // 8
    width = pairs * 11 // 16
    text = decoder_of(len(tokenizer), hidden, decoder_layers, height=max(1, pairs // 8), width=width, base=300.0)
    vision = dict(
        depth=vision_layers, hidden_size=hidden, out_hidden_size=hidden, intermediate_size=2 * hidden, num_heads=4,
        patch_size=patch, spatial_merge_size=2, temporal_patch_size=1, tokens_per_second=1, window_size=side,
        fullatt_block_indexes=list(range(vision_layers)),
    )  # fmt: skip
    config = Qwen2_5_VLConfig(text_config=text, vision_config=vision, tie_word_embeddings=False, **marks)
    cut = dict(patch_size=patch, merge_size=2, temporal_patch_size=1, image_mean=IMAGE_MEAN, image_std=IMAGE_STD)
    size = {"shortest_edge": side**2, "longest_edge": side**2}  # of an image, and of each frame
    processor = Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(size=size, **cut), tokenizer=tokenizer, chat_template=QWEN_TEMPLATE,
        video_processor=Qwen2VLVideoProcessor(size=size, cap_pixels_per_frame=False, **cut),
    )  # fmt: skip
    return start(Qwen2_5_VLForConditionalGeneration, config, seed), processor
