"""Models of random weights at several shapes, LLaVA-1.5 and Qwen2.5-VL, with a word-piece tokenizer of ours.

Speed depends on shapes, not on what the weights say: mid and qwen-mid have the paper's token counts at a width that a
laptop can run; llava-7b and qwen-7b are the real shapes of LLaVA-1.5-7B and Qwen2.5-VL-7B (7 billion weights and more,
they need a GPU).
"""

import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

import torch
import transformers as hf
from PIL import Image

from linmech.models.vision_windows import attend_in_windows_at_once
from linmech.models.vlm import VLM
from linmech.organisms.families.llava import build_processor
from linmech.organisms.templates import QWEN_TEMPLATE, QWEN_TOKENS
from linmech.organisms.tokenizer import build_tokenizer, corpus
from linmech.stimuli.composer import COLOURS

NOUNS = ("frog", "car", "teddy bear", "dog", "umbrella", "wine glass")


@dataclass(frozen=True)
class Shape:
    """What decides the cost: the decoder (hidden, blocks, heads, inner, vocabulary) and the vision tower.

    `key_heads`: heads of keys and values, 0 = as many as queries. `qwen`: Qwen2.5-VL's class, else LLaVA's.
    """

    hidden: int
    blocks: int
    heads: int
    inner: int
    vocabulary: int
    vision_hidden: int
    vision_blocks: int
    side: int
    patch: int
    key_heads: int = 0
    qwen: bool = False


SHAPES = {
    "organism": Shape(128, 8, 4, 384, 700, 128, 4, 128, 16),
    "mid": Shape(256, 12, 8, 688, 32064, 128, 4, 336, 14),
    "llava-7b": Shape(4096, 32, 32, 11008, 32064, 1024, 24, 336, 14),
    "qwen-mid": Shape(256, 12, 8, 688, 32064, 128, 4, 672, 14, 2, True),
    "qwen-7b": Shape(3584, 28, 28, 18944, 152064, 1280, 32, 672, 14, 4, True),
}


def build(name: str, dtype: torch.dtype = torch.float32, device: str = "cpu") -> VLM:
    """The random model of a shape, on its device; norms and weights as transformers initialises them."""
    shape = SHAPES[name]
    torch.manual_seed(0)
    with torch.device(device):
        usual = torch.get_default_dtype()
        torch.set_default_dtype(dtype)
        kind, config, processor = qwen(shape) if shape.qwen else llava(shape)
        model = kind(config)
        torch.set_default_dtype(usual)
    attend_in_windows_at_once(model)
    return VLM(model.to(device, dtype).eval().requires_grad_(False), processor, name, Path(name))


def llava(shape: Shape) -> tuple:
    """LLaVA-1.5's class, configuration and processor."""
    tokenizer = build_tokenizer(corpus(NOUNS, list(COLOURS)), 700, image_token="<image>")
    vision = hf.CLIPVisionConfig(
        hidden_size=shape.vision_hidden, intermediate_size=4 * shape.vision_hidden,
        num_hidden_layers=shape.vision_blocks, num_attention_heads=shape.vision_hidden // 64,
        image_size=shape.side, patch_size=shape.patch, projection_dim=shape.vision_hidden,
    )  # fmt: skip
    config = hf.LlavaConfig(
        vision_config=vision, text_config=hf.LlamaConfig(**decoder(shape)), pad_token_id=0,
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"), vision_feature_layer=-2,
        image_seq_length=(shape.side // shape.patch) ** 2, vision_feature_select_strategy="default",
    )  # fmt: skip
    return hf.LlavaForConditionalGeneration, config, build_processor(tokenizer, shape.side, shape.patch)


def qwen(shape: Shape) -> tuple:
    """Qwen2.5-VL's class, configuration and processor; four patches are one token."""
    tokenizer = build_tokenizer(corpus(NOUNS, list(COLOURS)), 700, bos=False, **QWEN_TOKENS)
    names = ("image_token", "video_token", "vision_start_token", "vision_end_token")
    marks = {f"{name}_id": tokenizer.convert_tokens_to_ids(QWEN_TOKENS[name]) for name in names}
    part = shape.hidden // shape.heads // 8
    rope = {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [part, 3 * part // 2, 3 * part // 2]}
    vision = dict(
        depth=shape.vision_blocks, hidden_size=shape.vision_hidden,
        num_heads=shape.vision_hidden // (64 if shape.vision_hidden % 80 else 80),
        intermediate_size=round(2.67 * shape.vision_hidden), patch_size=shape.patch, out_hidden_size=shape.hidden,
        fullatt_block_indexes=list(range(shape.vision_blocks // 4 - 1, shape.vision_blocks, shape.vision_blocks // 4)),
    )  # fmt: skip
    config = hf.Qwen2_5_VLConfig(
        text_config=decoder(shape) | {"rope_parameters": rope}, vision_config=vision, tie_word_embeddings=False, **marks
    )
    size = {"shortest_edge": shape.side**2, "longest_edge": shape.side**2}
    processor = hf.Qwen2_5_VLProcessor(
        image_processor=hf.Qwen2VLImageProcessor(size=size), tokenizer=tokenizer, chat_template=QWEN_TEMPLATE,
        video_processor=hf.Qwen2VLVideoProcessor(size=size),
    )  # fmt: skip
    return hf.Qwen2_5_VLForConditionalGeneration, config, processor


def decoder(shape: Shape) -> dict:
    """The decoder's sizes, as both classes name them."""
    return dict(
        vocab_size=shape.vocabulary, hidden_size=shape.hidden, intermediate_size=shape.inner,
        num_hidden_layers=shape.blocks, num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_heads or shape.heads, max_position_embeddings=4096, pad_token_id=0,
        bos_token_id=1, eos_token_id=2, tie_word_embeddings=False,
    )  # fmt: skip


def image(name: str, seed: int = 0) -> Image.Image:
    """A random RGB image of the shape's size."""
    side = SHAPES[name].side
    noise = torch.randint(0, 256, (side, side, 3), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)
    return Image.fromarray(noise.numpy())
