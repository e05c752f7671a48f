"""The organism of Llama-3.2-Vision's class: see `builders`."""

from collections.abc import Sequence

from transformers import (
    MllamaConfig,
    MllamaForConditionalGeneration,
    MllamaImageProcessor,
    MllamaProcessor,
)

from linmech.organisms.start import IMAGE_MEAN, IMAGE_STD, start
from linmech.organisms.templates import MLLAMA_TEMPLATE, MLLAMA_TOKENS
from linmech.organisms.tokenizer import build_tokenizer, corpus


def build_mllama(
    nouns: Sequence[str], colours: Sequence[str], *, seed: int, side: int = 128, patch: int = 16,
    hidden: int = 128, decoder_layers: int = 8, vision_layers: int = 4, vocabulary: int = 800,
) -> tuple[MllamaForConditionalGeneration, MllamaProcessor]:  # fmt: skip
    """An untrained Llama-3.2-Vision and its processor, of the same sizes as `build_llava`'s; every image is one tile,
    and blocks 2, 6, ... (from 1) read it by cross-attention.
    """
    tokenizer = build_tokenizer(corpus(nouns, colours), vocabulary, bos=False, **MLLAMA_TOKENS)
    tokenizer.bos_token = "<s>"
    text = dict(
        vocab_size=len(tokenizer), hidden_size=hidden, intermediate_size=3 * hidden, num_hidden_layers=decoder_layers,
        num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=1024, pad_token_id=0, bos_token_id=1,
        eos_token_id=2, tie_word_embeddings=False, cross_attention_layers=list(range(1, decoder_layers, 4)),
        rope_parameters={"rope_type": "default", "rope_theta": 1e6},
    )  # fmt: skip
    vision = dict(
        hidden_size=hidden, intermediate_size=3 * hidden, num_hidden_layers=max(1, vision_layers - 1),
        num_global_layers=1, attention_heads=4, image_size=side, patch_size=patch, max_num_tiles=1,
        intermediate_layers_indices=[0], vision_output_dim=2 * hidden, supported_aspect_ratios=[[1, 1]],
    )  # fmt: skip
    image_token = tokenizer.convert_tokens_to_ids(MLLAMA_TOKENS["image_token"])
    config = MllamaConfig(
        text_config=text, vision_config=vision, image_token_index=image_token, tie_word_embeddings=False
    )
    images = MllamaImageProcessor(
        size={"height": side, "width": side}, max_image_tiles=1, image_mean=IMAGE_MEAN, image_std=IMAGE_STD
    )
    processor = MllamaProcessor(images, tokenizer, chat_template=MLLAMA_TEMPLATE)
    return start(MllamaForConditionalGeneration, config, seed), processor
