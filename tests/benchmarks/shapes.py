"""Models of random weights at several shapes, all LlavaForConditionalGeneration, with a word-piece tokenizer of ours.

Speed depends on shapes, not on what the weights say: mid is the paper's token counts at a width that a laptop can run,
llava-7b the real shape of LLaVA-1.5-7B (7.1 billion weights, needs a GPU).
"""

import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

import torch
from PIL import Image
from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

from linmech.composer import COLOURS
from linmech.models import VLM
from linmech.organism_tokenizer import build_tokenizer, corpus
from linmech.organisms import build_processor

NOUNS = ("frog", "car", "teddy bear", "dog", "umbrella", "wine glass")


@dataclass(frozen=True)
class Shape:
    """What decides the cost of a LLaVA: the decoder (hidden, blocks, heads, inner, vocabulary) and the vision tower."""

    hidden: int
    blocks: int
    heads: int
    inner: int
    vocabulary: int
    vision_hidden: int
    vision_blocks: int
    side: int
    patch: int


SHAPES = {
    "organism": Shape(128, 8, 4, 384, 700, 128, 4, 128, 16),
    "mid": Shape(256, 12, 8, 688, 32064, 128, 4, 336, 14),
    "llava-7b": Shape(4096, 32, 32, 11008, 32064, 1024, 24, 336, 14),
}


def build(name: str, dtype: torch.dtype = torch.float32, device: str = "cpu") -> VLM:
    """The random model of a shape, on its device; norms and weights as transformers initialises them."""
    shape = SHAPES[name]
    tokenizer = build_tokenizer(corpus(NOUNS, list(COLOURS)), 700, image_token="<image>")
    vision = CLIPVisionConfig(
        hidden_size=shape.vision_hidden, intermediate_size=4 * shape.vision_hidden,
        num_hidden_layers=shape.vision_blocks, num_attention_heads=shape.vision_hidden // 64,
        image_size=shape.side, patch_size=shape.patch, projection_dim=shape.vision_hidden,
    )  # fmt: skip
    text = LlamaConfig(
        vocab_size=shape.vocabulary, hidden_size=shape.hidden, intermediate_size=shape.inner,
        num_hidden_layers=shape.blocks, num_attention_heads=shape.heads, max_position_embeddings=4096,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, tie_word_embeddings=False,
    )  # fmt: skip
    config = LlavaConfig(
        vision_config=vision, text_config=text, image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        image_seq_length=(shape.side // shape.patch) ** 2, vision_feature_layer=-2,
        vision_feature_select_strategy="default", pad_token_id=0,
    )  # fmt: skip
    torch.manual_seed(0)
    with torch.device(device):
        usual = torch.get_default_dtype()
        torch.set_default_dtype(dtype)
        model = LlavaForConditionalGeneration(config)
        torch.set_default_dtype(usual)
    processor = build_processor(tokenizer, shape.side, shape.patch)
    return VLM(model.to(device, dtype).eval().requires_grad_(False), processor, name, Path(name))


def image(name: str, seed: int = 0) -> Image.Image:
    """A random RGB image of the shape's size."""
    side = SHAPES[name].side
    noise = torch.randint(0, 256, (side, side, 3), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)
    return Image.fromarray(noise.numpy())
