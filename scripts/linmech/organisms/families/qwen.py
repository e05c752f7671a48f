"""What the organisms of Qwen2-VL's and Qwen2.5-VL's classes share: words, marks of visuals, and the decoder."""

from collections.abc import Sequence

from transformers import PreTrainedTokenizerFast

from linmech.organisms.templates import QWEN_TOKENS
from linmech.organisms.tokenizer import build_tokenizer

MARKS = ("image_token", "video_token", "vision_start_token", "vision_end_token")


def words_of(texts: Sequence[str], vocabulary: int) -> tuple[PreTrainedTokenizerFast, dict[str, int]]:
    """A tokenizer of at most so many pieces, learned from `texts`, and the ids of its MARKS as a config names them."""
    tokenizer = build_tokenizer(texts, vocabulary, bos=False, **QWEN_TOKENS)
    return tokenizer, {f"{name}_id": tokenizer.convert_tokens_to_ids(QWEN_TOKENS[name]) for name in MARKS}


def decoder_of(pieces: int, hidden: int, layers: int, height: int) -> dict[str, object]:
    """The text config of a decoder over so many pieces: of half a head's rotary positions (hidden // 8), `height` go
    to height, as many to width, and the rest to time.
    """
    return dict(
        vocab_size=pieces, hidden_size=hidden, intermediate_size=3 * hidden, num_hidden_layers=layers,
        num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=1024, pad_token_id=0, bos_token_id=1,
        eos_token_id=2, tie_word_embeddings=False,
        rope_parameters={
            "rope_type": "default", "rope_theta": 1e6, "mrope_section": [hidden // 8 - 2 * height, height, height]
        },
    )  # fmt: skip
