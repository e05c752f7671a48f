"""Model organisms: small VLMs of the real Hugging Face classes, built from a config and trained from scratch.

`organism-llava` is a `LlavaForConditionalGeneration` with a CLIP vision tower (64 patches), a two-layer projector and a
Llama decoder, a byte-level BPE tokenizer learned from our own questions, and LLaVA-1.5's chat template.
"""

import itertools
from collections.abc import Iterable, Sequence

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from torch import nn
from transformers import (
    CLIPImageProcessor,
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)

from linmech.prompts import KINDS, ask, has_orders
from linmech.seeds import integer

SPECIAL = ("<pad>", "<s>", "</s>", "<image>")
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'user' %}USER: {% else %}ASSISTANT: {% endif %}"
    "{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}<image>\n{% endfor %}"
    "{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{{ content['text'] }} {% endfor %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)
IMAGE_MEAN, IMAGE_STD = [0.48, 0.46, 0.41], [0.27, 0.26, 0.28]


def build_llava(
    nouns: Sequence[str], colours: Sequence[str], *, seed: int, side: int = 128, patch: int = 16,
    hidden: int = 128, decoder_layers: int = 8, vision_layers: int = 4, vocabulary: int = 700,
) -> tuple[LlavaForConditionalGeneration, LlavaProcessor]:  # fmt: skip
    """An untrained LLaVA and its processor; images are `side` px with `patch` px patches; weights depend on `seed`."""
    tokenizer = build_tokenizer(corpus(nouns, colours), vocabulary)
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
    torch.manual_seed(integer(seed, "weights") % 2**32)
    model = LlavaForConditionalGeneration(config).float()
    start_gently(model.get_decoder().layers)
    return model, build_processor(tokenizer, side, patch)


def early_blocks(count: int, trained_first: int = 4) -> list[int]:
    """Which blocks of `count` are trained first: every second one of eight, so that what they learn spreads."""
    stride = max(1, count // trained_first)
    return list(range(stride - 1, count, stride))


def start_gently(layers: nn.ModuleList, gain: float = 0.8) -> None:
    """Equal orthogonal query and key projections, so that a token attends a little more to what is like it (mimetic
    initialisation, Trockman and Kolter, 2023); blocks that are not among `early_blocks` change nothing yet.

    A larger gain lets every token attend to itself alone, and nothing is learned (tried: 1.3).
    """
    early = early_blocks(len(layers))
    for number, layer in enumerate(layers):
        nn.init.orthogonal_(layer.self_attn.q_proj.weight, gain)
        layer.self_attn.k_proj.weight.data.copy_(layer.self_attn.q_proj.weight)
        if number not in early:
            nn.init.zeros_(layer.self_attn.o_proj.weight)
            nn.init.zeros_(layer.mlp.down_proj.weight)


def build_processor(tokenizer: PreTrainedTokenizerFast, side: int, patch: int) -> LlavaProcessor:
    """LLaVA's processor for square images of `side` px, patch tokens only (the class token is dropped)."""
    images = CLIPImageProcessor(
        size={"shortest_edge": side}, crop_size={"height": side, "width": side}, resample=3,
        image_mean=IMAGE_MEAN, image_std=IMAGE_STD,
    )  # fmt: skip
    return LlavaProcessor(
        image_processor=images, tokenizer=tokenizer, patch_size=patch, vision_feature_select_strategy="default",
        num_additional_image_tokens=1, chat_template=CHAT_TEMPLATE,
    )  # fmt: skip


def build_tokenizer(texts: Iterable[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer of at most `vocabulary` tokens, learned from `texts`; any word can be spelled."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(sorted(texts), trainer)
    bpe.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", bpe.token_to_id("<s>"))]),
        ]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe, pad_token="<pad>", bos_token="<s>", eos_token="</s>", padding_side="right",
        extra_special_tokens={"image_token": "<image>"},
    )  # fmt: skip


def corpus(nouns: Sequence[str], colours: Sequence[str]) -> list[str]:
    """What the BPE learns: every wording of every question kind with every noun, and every form of every answer, so
    that "left", "Left" and " Left" are one token each, as in the tokenizers of large models.
    """
    texts = [f"USER: \n{a} {b} ASSISTANT:" for a, b in itertools.pairwise([*nouns, nouns[0]])]
    answers = set(colours)
    for kind, spec in KINDS.items():
        options = tuple(colours[:2]) if kind == "colour" else None
        for noun, wording, order in itertools.product(
            nouns, range(len(spec.templates)), (0, 1)[: 1 + has_orders(kind)]
        ):
            texts.append(ask(kind, noun, noun, noun, order=order, wording=wording, options=options).text)
        answers |= set(spec.options)
    forms = [
        space + word for answer in sorted(answers) for word in (answer, answer.capitalize()) for space in ("", " ")
    ]
    return texts + forms * 20
