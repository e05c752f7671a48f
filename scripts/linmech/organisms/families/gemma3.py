"""The organism of Gemma-3's class: see `organisms`."""

from collections.abc import Sequence

from torch import nn
from transformers import (
    Gemma3Config,
    Gemma3ForConditionalGeneration,
    Gemma3ImageProcessor,
    Gemma3Processor,
)

from linmech.organisms.start import IMAGE_MEAN, IMAGE_STD, start
from linmech.organisms.templates import GEMMA_TEMPLATE, GEMMA_TOKENS
from linmech.organisms.tokenizer import build_tokenizer, corpus


def build_gemma3(
    nouns: Sequence[str], colours: Sequence[str], *, seed: int, side: int = 128, patch: int = 16,
    hidden: int = 128, decoder_layers: int = 8, vision_layers: int = 4, vocabulary: int = 800,
) -> tuple[Gemma3ForConditionalGeneration, Gemma3Processor]:  # fmt: skip
    """An untrained Gemma-3 and its processor, of the same sizes as `organisms.build_llava`'s; every patch is one token.

    Blocks 5, 7, ... (from 1) attend to all tokens, the others in a window of 1,024, which holds every prompt: they
    differ in the base of their rotary positions. The scale of the attention gives a token's likeness to itself the
    weight that it has in the other organisms.
    """
    tokenizer = build_tokenizer(corpus(nouns, colours), vocabulary, bos=False, **GEMMA_TOKENS)
    tokenizer.bos_token = "<s>"
    kinds = [
        "full_attention" if block >= 4 and block % 2 == 0 else "sliding_attention" for block in range(decoder_layers)
    ]
    text = dict(
        vocab_size=len(tokenizer), hidden_size=hidden, intermediate_size=3 * hidden, num_hidden_layers=decoder_layers,
        num_attention_heads=4, num_key_value_heads=4, head_dim=hidden // 4, query_pre_attn_scalar=5 * hidden // 8,
        max_position_embeddings=1024, sliding_window=1024, layer_types=kinds, pad_token_id=0, bos_token_id=1,
        eos_token_id=2, tie_word_embeddings=False,
    )  # fmt: skip
    vision = dict(
        hidden_size=hidden, intermediate_size=3 * hidden, num_hidden_layers=vision_layers, num_attention_heads=4,
        image_size=side, patch_size=patch, vision_use_head=False,
    )  # fmt: skip
    marks = {f"{name}_index": tokenizer.convert_tokens_to_ids(GEMMA_TOKENS[name]) for name in list(GEMMA_TOKENS)[:3]}
    tokens = (side // patch) ** 2
    config = Gemma3Config(
        text_config=text, vision_config=vision, mm_tokens_per_image=tokens, tie_word_embeddings=False, **marks
    )
    images = Gemma3ImageProcessor(size={"height": side, "width": side}, image_mean=IMAGE_MEAN, image_std=IMAGE_STD)
    processor = Gemma3Processor(images, tokenizer, chat_template=GEMMA_TEMPLATE, image_seq_length=tokens)
    model = start(Gemma3ForConditionalGeneration, config, seed)
    nn.init.orthogonal_(model.model.multi_modal_projector.mm_input_projection_weight)  # the class starts it at zero
    return model, processor
