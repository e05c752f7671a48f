"""A tiny random LLaVA with a real processor: `tiny.llava_folder(tmp_path)` is a checkpoint folder for `load_model`.

Two vision layers (48 px, 9 patches), four decoder blocks of width 32, a byte-level BPE tokenizer learned in memory. The
weights are random and larger than at initialisation, so that every edit moves the logits by far more than rounding.
"""

import functools
import tempfile
from pathlib import Path

import torch
from PIL import Image
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2VLConfig,
    Qwen2VLForConditionalGeneration,
    Qwen2VLImageProcessor,
    Qwen2VLProcessor,
    Qwen2VLVideoProcessor,
)

from linmech.models import VLM, load_model
from linmech.organisms import build_llava, build_tokenizer, corpus

NOUNS = ("frog", "car", "teddy bear", "dog", "umbrella")
COLOURS = ("red", "blue")
SIDE, LAYERS, HIDDEN = 48, 4, 32
QWEN_TOKENS = {
    "<|image_pad|>": "image_token_id", "<|video_pad|>": "video_token_id", "<|vision_start|>": "vision_start_token_id",
    "<|vision_end|>": "vision_end_token_id",
}  # fmt: skip
QWEN_TEMPLATE = (
    "{% for message in messages %}<|user|>{% for content in message['content'] %}"
    "{% if content['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% else %}{{ content['text'] }}{% endif %}"
    "{% endfor %}\n{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


def llava_folder(folder: Path, seed: int = 0, vocabulary: int = 480) -> Path:
    """Save the tiny LLaVA of `seed` under `folder` and return its folder; few words are whole at 300 tokens."""
    model, processor = build_llava(
        NOUNS, COLOURS, seed=seed, side=SIDE, patch=16, hidden=HIDDEN, decoder_layers=LAYERS, vision_layers=2,
        vocabulary=vocabulary,
    )  # fmt: skip
    return _save(model, processor, Path(folder) / f"tiny-llava-{seed}-{vocabulary}", seed)


def qwen_folder(folder: Path, seed: int = 0) -> Path:
    """Save a tiny Qwen2-VL (3-D rotary positions, no BOS, patches of any number) under `folder`; return its folder."""
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=build_tokenizer(corpus(NOUNS, COLOURS), 480).backend_tokenizer, pad_token="<pad>",
        eos_token="</s>", extra_special_tokens={"image_token": "<|image_pad|>", "video_token": "<|video_pad|>"},
    )  # fmt: skip
    tokenizer.add_tokens(list(QWEN_TOKENS), special_tokens=True)
    config = Qwen2VLConfig(
        text_config=dict(
            vocab_size=len(tokenizer), hidden_size=HIDDEN, intermediate_size=64, num_hidden_layers=LAYERS,
            num_attention_heads=2, num_key_value_heads=1,
            rope_parameters={"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 3, 3]},
        ),
        vision_config=dict(depth=2, embed_dim=32, hidden_size=HIDDEN, num_heads=2, mlp_ratio=2, patch_size=14),
        **{key: tokenizer.convert_tokens_to_ids(token) for token, key in QWEN_TOKENS.items()},
    )  # fmt: skip
    size = {"shortest_edge": 56 * 56, "longest_edge": 112 * 112}
    processor = Qwen2VLProcessor(
        image_processor=Qwen2VLImageProcessor(size=size), video_processor=Qwen2VLVideoProcessor(size=size),
        tokenizer=tokenizer, chat_template=QWEN_TEMPLATE,
    )  # fmt: skip
    return _save(Qwen2VLForConditionalGeneration(config), processor, Path(folder) / f"tiny-qwen-{seed}", seed)


@functools.cache
def qwen(seed: int = 0) -> VLM:
    """The loaded tiny Qwen2-VL (float32, CPU), shared by the tests of a process."""
    with tempfile.TemporaryDirectory() as folder:
        return load_model(qwen_folder(Path(folder), seed))


@functools.cache
def llava(seed: int = 0, vocabulary: int = 480, attention: str = "sdpa") -> VLM:
    """The loaded tiny LLaVA (float32, CPU), shared by the tests of a process; leave its weights as they are."""
    with tempfile.TemporaryDirectory() as folder:
        return load_model(llava_folder(Path(folder), seed, vocabulary), attention=attention)


def _save(model, processor, path: Path, seed: int) -> Path:
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.normal_(0, 1.5 * weight.shape[-1] ** -0.5, generator=generator)
    model.save_pretrained(path)
    processor.save_pretrained(path)
    return path


def hooks(vlm: VLM) -> int:
    """How many forward hooks are installed in a model."""
    return sum(len(module._forward_hooks) + len(module._forward_pre_hooks) for module in vlm.model.modules())


def image(seed: int = 0) -> Image.Image:
    """A random RGB image, 48 px."""
    noise = torch.randint(0, 256, (SIDE, SIDE, 3), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)
    return Image.fromarray(noise.numpy())
