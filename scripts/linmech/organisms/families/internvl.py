"""The organism of InternVL3's class: see `builders`."""

from collections.abc import Sequence

from transformers import (
    GotOcr2ImageProcessor,
    InternVLConfig,
    InternVLForConditionalGeneration,
    InternVLProcessor,
    InternVLVideoProcessor,
)

from linmech.organisms.start import IMAGE_MEAN, IMAGE_STD, start
from linmech.organisms.templates import INTERNVL_TEMPLATE, INTERNVL_TOKENS
from linmech.organisms.tokenizer import build_tokenizer, corpus


def build_internvl(
    nouns: Sequence[str], colours: Sequence[str], *, seed: int, side: int = 128, patch: int = 16,
    hidden: int = 128, decoder_layers: int = 8, vision_layers: int = 4, vocabulary: int = 800,
) -> tuple[InternVLForConditionalGeneration, InternVLProcessor]:  # fmt: skip
    """An untrained InternVL3 and its processor, of the same sizes as `build_llava`'s; every patch is one token."""
    tokenizer = build_tokenizer(corpus(nouns, colours), vocabulary, bos=False, **INTERNVL_TOKENS)
    text = dict(
        model_type="qwen2", vocab_size=len(tokenizer), hidden_size=hidden, intermediate_size=3 * hidden,
        num_hidden_layers=decoder_layers, num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=1024,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, tie_word_embeddings=False,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6},
    )  # fmt: skip
    vision = dict(
        hidden_size=hidden, intermediate_size=3 * hidden, num_hidden_layers=vision_layers, num_attention_heads=4,
        image_size=[side, side], patch_size=[patch, patch], layer_scale_init_value=1.0, use_mean_pooling=False,
    )  # fmt: skip
    tokens = (side // patch) ** 2
    config = InternVLConfig(
        text_config=text, vision_config=vision, image_seq_length=tokens, downsample_ratio=1.0, vision_feature_layer=-1,
        image_token_id=tokenizer.convert_tokens_to_ids(INTERNVL_TOKENS["context_image_token"]),
        tie_word_embeddings=False,
    )  # fmt: skip
    seen = dict(size={"height": side, "width": side}, image_mean=IMAGE_MEAN, image_std=IMAGE_STD)
    processor = InternVLProcessor(
        GotOcr2ImageProcessor(crop_to_patches=False, **seen), tokenizer, InternVLVideoProcessor(**seen),
        image_seq_length=tokens, chat_template=INTERNVL_TEMPLATE,
    )  # fmt: skip
    return start(InternVLForConditionalGeneration, config, seed), processor
