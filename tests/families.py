"""A tiny random member of every model family, of the real class and saved in the real folder layout.

`load("gemma3")` is a VLM of `load_model`. All share one small byte-level BPE learned from our own questions, with the
special tokens of their family; widths are 32 to 64, so that a whole sweep takes a fraction of a second.
"""

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
import transformers as hf

from family_parts import (
    AREA,
    COLOURS,
    GEMMA,
    HIDDEN,
    LAYERS,
    LLAMA_3,
    NOUNS,
    SIDE,
    SIGLIP,
    SQUARE,
    TEXT,
    VISION,
    chatml,
    enlarge,
    ids,
    rope,
    tokenizer,
)
from linmech.models.vlm import VLM, load_model
from unknown_families import idefics3, paligemma


def mllama() -> tuple:
    """Llama-3.2-Vision: cross-attention to the image in blocks 2 and 5, one placeholder token."""
    made = tokenizer("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|image|>", bos="<s>")
    image = ids(made, image_token_index="<|image|>")
    shapes = [[1, 1], [1, 2], [1, 3], [1, 4], [2, 1], [2, 2], [3, 1], [4, 1]]
    vision = dict(
        hidden_size=32, intermediate_size=48, attention_heads=2, num_hidden_layers=2, num_global_layers=1,
        image_size=SIDE, patch_size=14, max_num_tiles=4, vision_output_dim=96, intermediate_layers_indices=[0, 1],
        supported_aspect_ratios=shapes,
    )  # fmt: skip
    text = TEXT | dict(vocab_size=image["image_token_index"], cross_attention_layers=[1, 4], **rope(), pad_token_id=0)
    config = hf.MllamaConfig(text_config=text, vision_config=vision, **image)
    images = hf.MllamaImageProcessor(size=SQUARE, max_image_tiles=4)
    return hf.MllamaForConditionalGeneration(config), hf.MllamaProcessor(images, made, chat_template=LLAMA_3)


def qwen(model: type, config: type, vision: dict, sections: tuple[int, ...], processor: type) -> tuple:
    """Qwen2-VL and Qwen2.5-VL: positions in three dimensions, any number of patches, images and videos."""
    placeholders = {"image_token": "<|image_pad|>", "video_token": "<|video_pad|>"}
    made = tokenizer("<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", **placeholders)
    marks = ids(
        made, image_token_id="<|image_pad|>", video_token_id="<|video_pad|>", vision_start_token_id="<|vision_start|>",
        vision_end_token_id="<|vision_end|>",
    )  # fmt: skip
    text = TEXT | dict(vocab_size=len(made), **rope(*sections), bos_token_id=1, eos_token_id=2)
    built = model(config(text_config=text, vision_config=vision, **marks))
    images = hf.Qwen2VLImageProcessor(size=AREA)
    videos = hf.Qwen2VLVideoProcessor(size=AREA | {"longest_edge": 8 * 4 * SIDE * SIDE})
    template = chatml("<|vision_start|><|image_pad|><|vision_end|>", "<|vision_start|><|video_pad|><|vision_end|>")
    return built, processor(image_processor=images, video_processor=videos, tokenizer=made, chat_template=template)


def qwen2_vl() -> tuple:
    """Qwen2-VL."""
    vision = dict(depth=2, embed_dim=32, hidden_size=HIDDEN, num_heads=2, mlp_ratio=2, patch_size=14)
    return qwen(hf.Qwen2VLForConditionalGeneration, hf.Qwen2VLConfig, vision, (2, 3, 3), hf.Qwen2VLProcessor)


def qwen2_5_vl() -> tuple:
    """Qwen2.5-VL: windowed vision, seconds per frame in the positions of a video."""
    vision = dict(
        depth=2, hidden_size=32, out_hidden_size=HIDDEN, num_heads=2, intermediate_size=48, patch_size=14,
        spatial_merge_size=2, temporal_patch_size=2, window_size=56, fullatt_block_indexes=[1], tokens_per_second=2,
    )  # fmt: skip
    return qwen(hf.Qwen2_5_VLForConditionalGeneration, hf.Qwen2_5_VLConfig, vision, (2, 3, 3), hf.Qwen2_5_VLProcessor)


def internvl() -> tuple:
    """InternVL3 (hf): a Qwen2 decoder; a video is images between texts, with the image's own token."""
    named = {"start_image_token": "<img>", "end_image_token": "</img>", "context_image_token": "<IMG_CONTEXT>"}
    made = tokenizer("<|im_start|>", "<|im_end|>", **named, video_token="<video>")
    config = hf.InternVLConfig(
        text_config=TEXT | dict(model_type="qwen2", vocab_size=len(made)),
        vision_config=VISION | dict(model_type="internvl_vision", image_size=[SIDE, SIDE], patch_size=[14, 14]),
        image_token_id=made.convert_tokens_to_ids("<IMG_CONTEXT>"), image_seq_length=4, downsample_ratio=0.5,
        tie_word_embeddings=False,
    )  # fmt: skip
    processor = hf.InternVLProcessor(
        image_processor=hf.GotOcr2ImageProcessor(size=SQUARE, crop_to_patches=True, max_patches=4), tokenizer=made,
        video_processor=hf.InternVLVideoProcessor(size=SQUARE), image_seq_length=4,
        chat_template=chatml("<IMG_CONTEXT>\n", "<video>\n"),
    )  # fmt: skip
    return hf.InternVLForConditionalGeneration(config), processor


def gemma3() -> tuple:
    """Gemma-3: two-way attention inside the image, sliding windows, soft tokens that the processor does not name."""
    named = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>"}
    made = tokenizer("<start_of_turn>", "<end_of_turn>", bos="<s>", **named)
    text = TEXT | dict(
        vocab_size=len(made), head_dim=16, query_pre_attn_scalar=16, sliding_window=16,
        layer_types=["sliding_attention", "sliding_attention", "full_attention", "sliding_attention", "full_attention"],
    )  # fmt: skip
    marks = ids(
        made,
        boi_token_index=named["boi_token"],
        eoi_token_index=named["eoi_token"],
        image_token_index=named["image_token"],
    )
    config = hf.Gemma3Config(text_config=text, vision_config=SIGLIP, mm_tokens_per_image=4, **marks)
    images = hf.Gemma3ImageProcessor(size=SQUARE)
    processor = hf.Gemma3Processor(images, made, image_seq_length=4, chat_template=GEMMA)
    return hf.Gemma3ForConditionalGeneration(config), processor


def llava_onevision() -> tuple:
    """LLaVA-OneVision: several tiles with newlines for an image, pooled frames for a video."""
    made = tokenizer("<|im_start|>", "<|im_end|>", image_token="<image>", video_token="<video>")
    points = [[SIDE, SIDE], [SIDE, 2 * SIDE], [2 * SIDE, SIDE], [2 * SIDE, 2 * SIDE]]
    config = hf.LlavaOnevisionConfig(
        text_config=TEXT | dict(model_type="qwen2", vocab_size=len(made)), vision_config=SIGLIP,
        **ids(made, image_token_id="<image>", video_token_id="<video>"), image_grid_pinpoints=points,
        vision_feature_layer=-1, vision_feature_select_strategy="full",
    )  # fmt: skip
    processor = hf.LlavaOnevisionProcessor(
        image_processor=hf.LlavaOnevisionImageProcessor(size=SQUARE, image_grid_pinpoints=points), tokenizer=made,
        video_processor=hf.LlavaOnevisionVideoProcessor(size=SQUARE), num_image_tokens=16,
        vision_feature_select_strategy="full", chat_template=chatml("<image>\n", "<video>\n"),
    )  # fmt: skip
    return hf.LlavaOnevisionForConditionalGeneration(config), processor


def llava_video() -> tuple:
    """LLaVA-Video: OneVision with a newline after every row of every frame (see OPTIONS)."""
    return llava_onevision()


def video_llama_3() -> tuple:
    """VideoLLaMA3: time stamps as text between the frames."""
    made = tokenizer("<|im_start|>", "<|im_end|>", image_token="<|image_pad|>", video_token="<|video_pad|>")
    config = hf.VideoLlama3Config(
        text_config=TEXT | dict(model_type="qwen2", vocab_size=len(made)),
        vision_config=VISION | dict(model_type="video_llama_3_vision"),
        **ids(made, image_token_id="<|image_pad|>", video_token_id="<|video_pad|>"),
    )  # fmt: skip
    processor = hf.VideoLlama3Processor(
        image_processor=hf.VideoLlama3ImageProcessor(size=AREA), tokenizer=made,
        video_processor=hf.VideoLlama3VideoProcessor(size=AREA | {"longest_edge": 8 * 4 * SIDE * SIDE}),
        chat_template=chatml("<|image_pad|>\n", "<|video_pad|>\n"),
    )  # fmt: skip
    return hf.VideoLlama3ForConditionalGeneration(config), processor


def llava() -> tuple:
    """LLaVA-1.5."""
    from linmech.organisms.families.llava import build_llava

    return build_llava(NOUNS, COLOURS, seed=0, side=48, hidden=HIDDEN, decoder_layers=LAYERS, vision_layers=2)


FAMILIES: dict[str, Callable[[], tuple]] = {
    made.__name__: made
    for made in (llava, mllama, qwen2_vl, qwen2_5_vl, internvl, gemma3, llava_onevision, llava_video, video_llama_3)
}
UNKNOWN = {made.__name__: made for made in (idefics3, paligemma)}
VIDEO = ("qwen2_vl", "qwen2_5_vl", "internvl", "llava_onevision", "video_llama_3", "llava_video")
OPTIONS = {"llava_video": {"frame_newlines": "rows"}}
WHOLE = {"video_llama_3": {"frame_patches": "all"}}  # what a model needs beside, so that videos can be swapped


def save(name: str, folder: Path, seed: int = 0) -> Path:
    """Save the family's tiny member under `folder`; weights larger than at initialisation, gates open."""
    torch.manual_seed(seed)
    model, processor = (FAMILIES | UNKNOWN)[name]()
    enlarge(model, seed)
    path = Path(folder) / name
    model.save_pretrained(path)
    processor.save_pretrained(path)
    return path


@functools.cache
def load(name: str, attention: str = "sdpa") -> VLM:
    """The loaded tiny member of a family (float32, CPU), shared by the tests of a process."""
    with tempfile.TemporaryDirectory() as folder:
        return load_model(save(name, Path(folder)), attention=attention, **OPTIONS.get(name, {}))
