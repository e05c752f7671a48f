"""Model organisms: small VLMs of the real Hugging Face classes, built from a config and trained from scratch.

`llava`: a CLIP vision tower (64 patches), a two-layer projector and a Llama decoder, with LLaVA-1.5's chat template.
`qwen2-vl`: Qwen2-VL's vision tower and decoder with rotary positions in three dimensions, and its chat template.
`mllama`: Llama-3.2-Vision's vision tower and a decoder that reads the image by cross-attention in every fourth block.
`internvl`: InternVL3's vision tower and projector (its patches are not merged) and a Qwen2 decoder.
`gemma3`: SigLIP, and Gemma-3's decoder, whose image tokens see one another both ways (`organism_gemma3`).
All see 128 px images in 64 patches and speak the words of `organism_tokenizer`.
"""

from collections.abc import Callable, Sequence

from transformers import (
    CLIPImageProcessor,
    CLIPVisionConfig,
    GotOcr2ImageProcessor,
    InternVLConfig,
    InternVLForConditionalGeneration,
    InternVLProcessor,
    InternVLVideoProcessor,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    MllamaConfig,
    MllamaForConditionalGeneration,
    MllamaImageProcessor,
    MllamaProcessor,
    PreTrainedTokenizerFast,
    Qwen2VLConfig,
    Qwen2VLForConditionalGeneration,
    Qwen2VLImageProcessor,
    Qwen2VLProcessor,
    Qwen2VLVideoProcessor,
)

from linmech.organism_gemma3 import build_gemma3
from linmech.organism_start import IMAGE_MEAN, IMAGE_STD, start
from linmech.organism_templates import (
    INTERNVL_TEMPLATE,
    INTERNVL_TOKENS,
    LLAVA_TEMPLATE,
    MLLAMA_TEMPLATE,
    MLLAMA_TOKENS,
    QWEN_TEMPLATE,
    QWEN_TOKENS,
)  # fmt: skip
from linmech.organism_tokenizer import build_tokenizer, corpus


def build_llava(
    nouns: Sequence[str], colours: Sequence[str], *, seed: int, side: int = 128, patch: int = 16,
    hidden: int = 128, decoder_layers: int = 8, vision_layers: int = 4, vocabulary: int = 700,
) -> tuple[LlavaForConditionalGeneration, LlavaProcessor]:  # fmt: skip
    """An untrained LLaVA and its processor; images are `side` px with `patch` px patches; weights depend on `seed`."""
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
        vision_feature_layer=-1, vision_feature_select_strategy="default", tie_word_embeddings=False, pad_token_id=0,
    )  # fmt: skip
    return start(LlavaForConditionalGeneration, config, seed), build_processor(tokenizer, side, patch)


def build_qwen2_vl(
    nouns: Sequence[str], colours: Sequence[str], *, seed: int, side: int = 128, patch: int = 16,
    hidden: int = 128, decoder_layers: int = 8, vision_layers: int = 4, vocabulary: int = 700,
) -> tuple[Qwen2VLForConditionalGeneration, Qwen2VLProcessor]:  # fmt: skip
    """An untrained Qwen2-VL and its processor, of the same sizes as `build_llava`'s; every patch is one token."""
    tokenizer = build_tokenizer(corpus(nouns, colours), vocabulary, bos=False, **QWEN_TOKENS)
    names = ("image_token", "video_token", "vision_start_token", "vision_end_token")
    marks = {f"{name}_id": tokenizer.convert_tokens_to_ids(QWEN_TOKENS[name]) for name in names}
    part = hidden // 8  # half a head, split over time, height and width
    height = part * 3 // 8
    text = dict(
        vocab_size=len(tokenizer), hidden_size=hidden, intermediate_size=3 * hidden, num_hidden_layers=decoder_layers,
        num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=1024, pad_token_id=0, bos_token_id=1,
        eos_token_id=2, tie_word_embeddings=False,
        rope_parameters={
            "rope_type": "default", "rope_theta": 1e6, "mrope_section": [part - 2 * height, height, height]
        },
    )  # fmt: skip
    vision = dict(
        depth=vision_layers, embed_dim=hidden, hidden_size=hidden, num_heads=4, mlp_ratio=3, patch_size=patch,
        spatial_merge_size=1, temporal_patch_size=2,
    )  # fmt: skip
    config = Qwen2VLConfig(text_config=text, vision_config=vision, tie_word_embeddings=False, **marks)
    cut = dict(patch_size=patch, merge_size=1, image_mean=IMAGE_MEAN, image_std=IMAGE_STD)
    image, video = ({"shortest_edge": side**2, "longest_edge": frames * side**2} for frames in (1, 8))
    processor = Qwen2VLProcessor(
        image_processor=Qwen2VLImageProcessor(size=image, **cut), tokenizer=tokenizer, chat_template=QWEN_TEMPLATE,
        video_processor=Qwen2VLVideoProcessor(size=video, **cut),
    )  # fmt: skip
    return start(Qwen2VLForConditionalGeneration, config, seed), processor


def build_mllama(
    nouns: Sequence[str], colours: Sequence[str], *, seed: int, side: int = 128, patch: int = 16,
    hidden: int = 128, decoder_layers: int = 8, vision_layers: int = 4, vocabulary: int = 700,
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


def build_internvl(
    nouns: Sequence[str], colours: Sequence[str], *, seed: int, side: int = 128, patch: int = 16,
    hidden: int = 128, decoder_layers: int = 8, vision_layers: int = 4, vocabulary: int = 700,
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


BUILDERS: dict[str, Callable] = {
    "llava": build_llava, "qwen2-vl": build_qwen2_vl, "mllama": build_mllama, "internvl": build_internvl,
    "gemma3": build_gemma3,
}  # fmt: skip


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
