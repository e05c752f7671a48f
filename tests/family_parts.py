"""What the tiny models of tests/families.py have in common: sizes, chat templates, one small tokenizer."""

import torch
import transformers as hf
from tokenizers import AddedToken

from linmech.organisms.tokenizer import build_tokenizer, corpus

NOUNS = ("frog", "car", "teddy bear", "dog", "umbrella")
COLOURS = ("red", "blue")
HIDDEN, LAYERS, SIDE = 64, 5, 56
TEXT = dict(
    hidden_size=HIDDEN, intermediate_size=96, num_attention_heads=4, num_key_value_heads=2, num_hidden_layers=LAYERS,
    max_position_embeddings=4096,
)  # fmt: skip
VISION = dict(hidden_size=32, intermediate_size=48, num_attention_heads=2, num_hidden_layers=3, patch_size=14)
CLIP = VISION | dict(model_type="clip_vision_model", image_size=SIDE)
SIGLIP = VISION | dict(model_type="siglip_vision_model", image_size=SIDE, vision_use_head=False)
AREA = {"shortest_edge": SIDE * SIDE, "longest_edge": 4 * SIDE * SIDE}
SQUARE = {"height": SIDE, "width": SIDE}


def chatml(image: str, video: str) -> str:
    """The chat template of the Qwen kin, with the placeholders of one family."""
    return (
        "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% for c in m['content'] %}"
        "{% if c['type']=='image' %}" + image + "{% elif c['type']=='video' %}" + video +
        "{% elif c['type']=='text' %}{{ c['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )  # fmt: skip


LLAMA_3 = (
    "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m['role'] }}<|end_header_id|>\n\n"
    "{% for c in m['content'] %}{% if c['type']=='image' %}<|image|>{% elif c['type']=='text' %}{{ c['text'] }}"
    "{% endif %}{% endfor %}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
GEMMA = (
    "{{ bos_token }}{% for m in messages %}<start_of_turn>{{ m['role'] }}\n{% for c in m['content'] %}"
    "{% if c['type']=='image' %}<start_of_image>{% elif c['type']=='text' %}{{ c['text'] }}{% endif %}{% endfor %}"
    "<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)


def tokenizer(*special: str, bos: str | None = None, **named: str) -> hf.PreTrainedTokenizerFast:
    """The small BPE with `special` tokens added; `named` are extra special tokens by the processor's name for them."""
    made = build_tokenizer(corpus(NOUNS, COLOURS), 480, bos=bos is not None, **named)
    made.add_tokens([AddedToken(token, special=True, normalized=False) for token in special], special_tokens=True)
    return made


def ids(made: hf.PreTrainedTokenizerFast, **tokens: str) -> dict[str, int]:
    """Token ids by the configuration's name for them."""
    return {name: made.convert_tokens_to_ids(token) for name, token in tokens.items()}


def rope(*sections: int) -> dict:
    """Rotary parameters of the Qwen decoders; `sections` split the half head over time, height and width."""
    extra = {"mrope_section": list(sections)} if sections else {}
    return {"rope_parameters": {"rope_type": "default", "rope_theta": 1e4} | extra}


def enlarge(model: torch.nn.Module, seed: int) -> None:
    """Draw weights larger than at initialisation, and open the gates."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim > 1:
                weight.normal_(0, 1.5 * weight.shape[-1] ** -0.5, generator=generator)
            elif "gate" in name:
                weight.fill_(0.7)
