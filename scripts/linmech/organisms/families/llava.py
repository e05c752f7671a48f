"""The organism of LLaVA's class: see `builders`."""

from collections.abc import Sequence

from transformers import (
    CLIPImageProcessor,
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)

from linmech.organisms.start import IMAGE_MEAN, IMAGE_STD, start
from linmech.organisms.templates import LLAVA_TEMPLATE
from linmech.organisms.tokenizer import build_tokenizer, corpus


def build_llava(
    nouns: Sequence[str], colours: Sequence[str], *, seed: int, side: int = 128, patch: int = 16,
    hidden: int = 128, decoder_layers: int = 8, vision_layers: int = 4, vocabulary: int = 800,
    reads: int | list[int] = -1,
) -> tuple[LlavaForConditionalGeneration, LlavaProcessor]:  # fmt: skip
    """An untrained LLaVA and its processor; images are `side` px with `patch` px patches; weights depend on `seed`.

    `reads`: the layer of the tower, or the layers side by side, that the projector takes (0 = its embeddings).
    """
    tokenizer = build_tokenizer(corpus(nouns, colours), vocabulary, image_token="<image>")
    image_token = tokenizer.convert_tokens_to_ids("<image>")
    vision = CLIPVisionConfig(
        hidden_size=hidden, intermediate_size=3 * hidden, num_hidden_layers=vision_layers, num_attention_heads=4,
        image_size=side, patch_size=patch, projection_dim=hidden,
    )  # fmt: skip
    text = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=hidden, intermediate_size=3 * hidden, num_hidden_layers=decoder_layers,
        num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=1024, pad_token_id=0, bos_token_id=1,
        eos_token_id=2, tie_word_embeddings=False,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6},
    )  # fmt: skip
    config = LlavaConfig(
        vision_config=vision, text_config=text, image_token_id=image_token, image_seq_length=(side // patch) ** 2,
        vision_feature_layer=reads, vision_feature_select_strategy="default", tie_word_embeddings=False, pad_token_id=0,
    )  # fmt: skip
    return start(LlavaForConditionalGeneration, config, seed), build_processor(tokenizer, side, patch)


def build_processor(tokenizer: PreTrainedTokenizerFast, side: int, patch: int) -> LlavaProcessor:
    """LLaVA's processor for square images of `side` px, patch tokens only (the class token is dropped)."""
    images = CLIPImageProcessor(
        size={"shortest_edge": side}, crop_size={"height": side, "width": side}, resample=3,
        image_mean=IMAGE_MEAN, image_std=IMAGE_STD,
    )  # fmt: skip
    return LlavaProcessor(
        image_processor=images, tokenizer=tokenizer, patch_size=patch, vision_feature_select_strategy="default",
        num_additional_image_tokens=1, chat_template=LLAVA_TEMPLATE,
    )  # fmt: skip
