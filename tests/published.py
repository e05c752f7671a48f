"""Tiny random checkpoints in the layout of the published ones, from what ../shared/data/checkpoints tells of them.

`save(told(key, shared), folder)` leaves the files that are published: the config under its own key names, flat or
nested, with its sizes made small; the processor's settings, with fewer pixels (`full` leaves them); the chat template
letter by letter; the generation settings. Ids of tokens keep their order and their distance from the vocabulary's end.
What a file leaves out is left out here too, but for sizes that come from defaults of a class.
"""

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import AddedToken, Tokenizer, processors
from transformers import AutoConfig, AutoModelForImageTextToText, PreTrainedTokenizerFast

from family_parts import COLOURS, HIDDEN, NOUNS, SIDE, enlarge
from linmech.organisms.tokenizer import build_tokenizer, corpus

IMAGES = (
    "llava-7b", "llava-13b", "llama-11b", "qwen2-2b", "qwen-3b", "qwen-7b", "internvl-1b", "internvl-2b", "internvl-8b",
    "internvl-14b", "gemma-4b", "gemma-12b",
)  # fmt: skip
VIDEOS = (
    "llava-video-7b",
    "videollama3-7b",
)  # of conversions: neither is published in a layout that transformers loads
LAYERS = 6  # Gemma's first layer of full attention is the sixth
EXTRA_ROWS = 70  # at most so many rows of the vocabulary that no token has
TEXT = dict(hidden_size=HIDDEN, intermediate_size=96, num_attention_heads=4, num_hidden_layers=LAYERS)
SEEN = dict(intermediate_size=48, image_size=SIDE)
BY_DEFAULT = {  # sizes that are not in the file
    "llava-7b": dict(text_config=TEXT),
    "gemma-4b": dict(text_config=dict(num_attention_heads=4, num_key_value_heads=2)),
}
MARKS = {  # begin, end, padding
    "llava": ("<s>", "</s>", "<pad>"), "mllama": ("<|begin_of_text|>", "<|eot_id|>", "<|finetune_right_pad_id|>"),
    "gemma3": ("<bos>", "<eos>", "<pad>"),
}  # fmt: skip
CHATML = (None, "<|im_end|>", "<|endoftext|>")


def told(key: str, shared: Path) -> dict:
    """What is known of a checkpoint; of a conversion where the published one is in a layout of its authors' own.

    The processor and tokenizer of llava-13b were not read: they are those of llava-7b here.
    """
    facts = json.loads((shared / "checkpoints" / key / "facts.json").read_text())
    facts["template"] = (shared / "checkpoints" / key / "chat_template.jinja").read_text()
    facts["key"] = key
    if key == "llava-13b":
        facts = told("llava-7b", shared) | facts
    if key == "llava-video-7b":
        known = facts["reference_config_llava_onevision_7b"]
        sides = [384 * n for n in range(1, 7)]
        points = {"image_grid_pinpoints": [[a, b] for a in sides for b in sides]}
        known = known | {name: known[name] | points for name in ("config", "image_processor")}
        facts |= {name: known[name] for name in known if name != "checkpoint"}
    if key == "videollama3-7b":
        known = facts["hf_conversion"]
        facts |= {name: known[name] for name in ("config", "image_processor", "video_processor")}
        facts["tokenizer"] = {"special_tokens": told("qwen-3b", shared)["tokenizer"]["special_tokens"]}
    return facts


def save(facts: Mapping, folder: Path, *, full: bool = False, seed: int = 0) -> Path:
    """Write the checkpoint's files, its weights drawn from `seed`; with `full`, only what makes prompts, unshrunk."""
    folder.mkdir(parents=True)
    tokenizer = _tokenizer(facts)
    tokenizer.save_pretrained(folder)
    files = {"preprocessor_config": facts["image_processor"], "processor_config": facts.get("processor")}
    files["video_preprocessor_config"] = facts.get("video_processor")
    for name, settings in files.items():
        if settings and "note" not in settings:
            _write(folder / f"{name}.json", settings if full else _fewer_pixels(settings))
    _write(folder / "chat_template.json", {"chat_template": facts["template"]})
    if "jinja" in facts["chat_template"].get("published_as", ""):
        (folder / "chat_template.json").unlink()
        (folder / "chat_template.jinja").write_text(facts["template"])
    config = _with_ids(facts["config"], facts, tokenizer)
    _write(folder / "config.json", config if full else _small(config, facts, tokenizer))
    if full:
        return folder
    published = (folder / "config.json").read_bytes()
    torch.manual_seed(seed)
    model = AutoModelForImageTextToText.from_config(AutoConfig.from_pretrained(folder))
    enlarge(model, seed)
    model.save_pretrained(folder)
    _rename(folder / "model.safetensors", facts["config"]["model_type"], seed)
    (folder / "config.json").write_bytes(published)
    if generation := {key: value for key, value in facts.get("generation", {}).items() if key != "source"}:
        _write(folder / "generation_config.json", _with_ids(generation, facts, tokenizer))
    return folder


def _rename(weights: Path, kind: str, seed: int) -> None:
    """The tower's names on the hub, and InternVL's head, which is a tensor of its own there."""
    tensors = load_file(weights)
    if kind in ("llava", "gemma3"):
        tensors = {
            re.sub("^vision_tower[.](?!vision_model)", "vision_tower.vision_model.", key): value
            for key, value in tensors.items()
        }
    if kind == "internvl":
        rows = tensors["language_model.model.embed_tokens.weight"]
        head = torch.randn(rows.shape, generator=torch.Generator().manual_seed(seed + 1))
        tensors["language_model.lm_head.weight"] = 0.2 * head
    save_file(tensors, weights, {"format": "pt"})


@functools.cache
def _words() -> str:
    return build_tokenizer(corpus(NOUNS, COLOURS), 480).backend_tokenizer.to_str()


def _tokenizer(facts: Mapping) -> PreTrainedTokenizerFast:
    """The small BPE with the published special tokens after it, in their order."""
    begin, end, padding = MARKS.get(facts["config"]["model_type"], CHATML)
    special = sorted(facts["tokenizer"]["special_tokens"], key=facts["tokenizer"]["special_tokens"].get)
    made = Tokenizer.from_str(_words())
    made.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    if begin:
        first = processors.TemplateProcessing(single=f"{begin} $A", special_tokens=[(begin, made.token_to_id(begin))])
        made.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), first])
    named = facts["tokenizer"].get("extra_special_tokens", {})
    if facts["config"]["model_type"] == "llava_onevision":
        named = {"image_token": "<image>", "video_token": "<video>"}
    return PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token=begin, eos_token=end, pad_token=padding, extra_special_tokens=named,
        padding_side=facts["tokenizer"].get("padding_side", "right"),
    )  # fmt: skip


def _with_ids(value: object, facts: Mapping, tokenizer: PreTrainedTokenizerFast, key: str = "") -> object:
    """`value` with the ids of tokens and the number of rows of the small vocabulary."""
    ids = facts["tokenizer"]["special_tokens"]
    if isinstance(value, Mapping):
        return {name: _with_ids(inner, facts, tokenizer, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_ids(inner, facts, tokenizer, key) for inner in value]
    if re.search("token_(id|index)$", key) and value is not None:
        return tokenizer.convert_tokens_to_ids(next(token for token in ids if ids[token] == value))
    if key == "vocab_size" and value > 1000:
        return len(tokenizer) + min(value - max(ids.values()) - 1, EXTRA_ROWS)
    return value


def _small(config: Mapping, facts: Mapping, tokenizer: PreTrainedTokenizerFast) -> dict:
    """A config with small sizes in the places where the published one has its own."""
    config, flat = dict(config), "text_config" not in config
    default = BY_DEFAULT.get(facts["key"], {})
    text = {**(config if flat else config["text_config"])} | default.get("text_config", {})
    heads = text.get("num_attention_heads"), text.get("num_key_value_heads")
    text |= {name: size for name, size in TEXT.items() if name in text}
    if "num_key_value_heads" in text:
        text["num_key_value_heads"] = 4 if heads[0] == heads[1] else 2
    if "mrope_section" in (text.get("rope_scaling") or {}):
        text["rope_scaling"] = text["rope_scaling"] | {"mrope_section": [2, 3, 3]}
    if "cross_attention_layers" in text:
        text["cross_attention_layers"] = [1, 4]
    if config["model_type"] == "gemma3":  # class defaults of the published size: heads of 256, 262,208 rows
        text |= dict(head_dim=16, query_pre_attn_scalar=16, sliding_window=16, vocab_size=len(tokenizer) + 63)
    if "layer_types" in text:
        text["layer_types"] = ["full_attention"] * LAYERS
    vision = {**config["vision_config"]}
    vision |= {name: size for name, size in SEEN.items() if name in vision}
    vision |= {name: 2 for name in ("num_attention_heads", "num_heads", "attention_heads") if name in vision}
    vision |= {name: 3 for name in ("num_hidden_layers", "depth") if name in vision}
    vision |= {name: 32 for name in ("hidden_size", "embed_dim") if name in vision}
    if isinstance(config["vision_config"].get("image_size"), list):
        vision["image_size"] = [SIDE, SIDE]
    if config["model_type"] == "qwen2_vl":  # its vision's hidden_size is the decoder's
        vision["hidden_size"] = HIDDEN
    vision |= {name: value for name, value in dict(out_hidden_size=HIDDEN, window_size=56).items() if name in vision}
    if "fullatt_block_indexes" in vision:
        vision["fullatt_block_indexes"] = [1]
    if "intermediate_layers_indices" in vision:
        vision |= dict(intermediate_layers_indices=[0, 1], num_global_layers=1, vision_output_dim=96)
    config = {**config, **text} if flat else config | {"text_config": text}
    shorter = {"image_seq_length": 4, "mm_tokens_per_image": 4}
    config |= {name: value for name, value in shorter.items() if name in config}
    if "image_grid_pinpoints" in config:
        config["image_grid_pinpoints"] = _points(config["image_grid_pinpoints"])
    return config | {"vision_config": vision}


def _fewer_pixels(settings: Mapping) -> dict:
    """Settings of a processor for images of `SIDE` pixels; areas (Qwen's, VideoLLaMA's) stay as they are."""
    small = dict(settings)
    for name in ("size", "crop_size"):
        if settings.get(name) and max(settings[name].values()) < 2000:
            small[name] = dict.fromkeys(settings[name], SIDE)
    small |= {name: value for name, value in dict(image_seq_length=4, num_image_tokens=16).items() if name in small}
    if "image_grid_pinpoints" in small:
        small["image_grid_pinpoints"] = _points(small["image_grid_pinpoints"])
    return small


def _points(points: list) -> list:
    return [[SIDE * (side // 384) for side in pair] for pair in points]


def _write(path: Path, settings: Mapping) -> None:
    path.write_text(json.dumps(settings, indent=1) + "\n")
