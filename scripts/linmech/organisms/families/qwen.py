"""What the organisms with a Qwen decoder share: words, marks of visuals, and the decoder itself."""

from collections.abc import Mapping, Sequence

from transformers import PreTrainedTokenizerFast

from linmech.organisms.templates import QWEN_TOKENS
from linmech.organisms.tokenizer import build_tokenizer

MARKS = ("image_token", "video_token", "vision_start_token", "vision_end_token")
ROTARY = {"rope_type": "default", "rope_theta": 1e6}


def words_of(
    texts: Sequence[str], vocabulary: int, special: Mapping[str, str] = QWEN_TOKENS
) -> tuple[PreTrainedTokenizerFast, dict[str, int]]:
    """A tokenizer of at most so many pieces, learned from `texts`, and the ids of its MARKS as a config names them."""
    tokenizer = build_tokenizer(texts, vocabulary, bos=False, **special)
    marks = [name for name in MARKS if name in special]
    return tokenizer, {f"{name}_id": tokenizer.convert_tokens_to_ids(special[name]) for name in marks}


def decoder_in_words(pieces: int, hidden: int, layers: int) -> dict[str, object]:
    """The text config of a Qwen2 decoder over so many pieces, whose tokens are numbered one after the other."""
    return dict(
        model_type="qwen2", vocab_size=pieces, hidden_size=hidden, intermediate_size=3 * hidden,
        num_hidden_layers=layers, num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=1024,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, tie_word_embeddings=False, rope_parameters=ROTARY,
    )  # fmt: skip


def decoder_of(
    pieces: int, hidden: int, layers: int, height: int, width: int, base: float = ROTARY["rope_theta"]
) -> dict[str, object]:
    """The text config of a decoder over so many pieces: of the pairs of a head that rotate (hidden // 8, the i-th by
    base ** (-8 i / hidden) a position), the first go to time, then `height` and `width` to height and width.
    """
    shape = decoder_in_words(pieces, hidden, layers)
    del shape["model_type"]  # of Qwen's own visual classes, each its own
    sections = [hidden // 8 - height - width, height, width]
    return shape | {"rope_parameters": ROTARY | {"rope_theta": base, "mrope_section": sections}}
