"""The organism of LLaVA-OneVision's class (LLaVA-Video's parts): see `builders`."""

from collections.abc import Sequence

from transformers import (
    LlavaOnevisionConfig,
    LlavaOnevisionForConditionalGeneration,
    LlavaOnevisionImageProcessor,
    LlavaOnevisionProcessor,
    LlavaOnevisionVideoProcessor,
)

from linmech.organisms.families.qwen import decoder_in_words
from linmech.organisms.start import IMAGE_MEAN, IMAGE_STD, start
from linmech.organisms.templates import ONEVISION_TEMPLATE, ONEVISION_TOKENS
from linmech.organisms.tokenizer import build_tokenizer, corpus


def build_onevision(
    nouns: Sequence[str], colours: Sequence[str], *, seed: int, side: int = 128, patch: int = 16,
    hidden: int = 128, decoder_layers: int = 8, vision_layers: int = 4, vocabulary: int = 800,
    reads: int | list[int] = -1,
) -> tuple[LlavaOnevisionForConditionalGeneration, LlavaOnevisionProcessor]:  # fmt: skip
    """An untrained LLaVA-OneVision and its processor, of the same sizes as `build_llava`'s.

    Of a frame's patches each square of four is pooled into one token; one newline follows the last frame.
    `reads`: the layer of the tower, or the layers side by side, that the projector takes (0 = its embeddings).
    """
    tokenizer = build_tokenizer(corpus(nouns, colours, time=True), vocabulary, bos=False, **ONEVISION_TOKENS)
    text = decoder_in_words(len(tokenizer), hidden, decoder_layers)
    vision = dict(
        model_type="siglip_vision_model", hidden_size=hidden, intermediate_size=3 * hidden,
        num_hidden_layers=vision_layers, num_attention_heads=4, image_size=side, patch_size=patch,
        vision_use_head=False,
    )  # fmt: skip
    marks = {
        f"{name}_index": tokenizer.convert_tokens_to_ids(ONEVISION_TOKENS[name])
        for name in ("image_token", "video_token")
    }
    config = LlavaOnevisionConfig(
        text_config=text, vision_config=vision, image_grid_pinpoints=[[side, side]], vision_feature_layer=reads,
        vision_feature_select_strategy="full", tie_word_embeddings=False, **marks,
    )  # fmt: skip
    seen = dict(size={"height": side, "width": side}, image_mean=IMAGE_MEAN, image_std=IMAGE_STD)
    processor = LlavaOnevisionProcessor(
        image_processor=LlavaOnevisionImageProcessor(image_grid_pinpoints=[[side, side]], **seen), tokenizer=tokenizer,
        video_processor=LlavaOnevisionVideoProcessor(**seen), num_image_tokens=(side // patch) ** 2,
        vision_feature_select_strategy="full", chat_template=ONEVISION_TEMPLATE,
    )  # fmt: skip
    return start(LlavaOnevisionForConditionalGeneration, config, seed), processor
