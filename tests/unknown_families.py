"""Families that linmech was not told of: one that it serves without a line of code, and one that it cannot fan out."""

import transformers as hf

from family_parts import (
    HIDDEN,
    SIDE,
    SIGLIP,
    SQUARE,
    TEXT,
    VISION,
    chatml,
    tokenizer,
)


def idefics3() -> tuple:
    """A family that linmech does not know (SmolVLM's): a pixel-shuffled square of tokens between marks."""
    named = {"image_token": "<image>", "fake_image_token": "<fake>", "global_image_token": "<global>"}
    made = tokenizer("<|im_start|>", "<|im_end|>", "<end_of_utterance>", "<row>", **named)
    config = hf.Idefics3Config(
        text_config=TEXT | dict(model_type="llama", vocab_size=500, pad_token_id=0),
        vision_config=VISION | dict(image_size=SIDE), image_token_id=made.convert_tokens_to_ids("<image>"),
        scale_factor=2,
    )  # fmt: skip
    images = hf.Idefics3ImageProcessor(
        size={"longest_edge": SIDE}, max_image_size={"longest_edge": SIDE}, do_image_splitting=False
    )
    template = chatml("<image>", "<video>")
    processor = hf.Idefics3Processor(images, made, image_seq_len=4, chat_template=template)
    return hf.Idefics3ForConditionalGeneration(config), processor


def paligemma() -> tuple:
    """Another one, which the fan-out cannot serve: its prompt is read in both directions."""
    made = tokenizer(bos="<s>", image_token="<image>")
    config = hf.PaliGemmaConfig(
        text_config=TEXT | dict(model_type="gemma", vocab_size=2000, head_dim=16), hidden_size=HIDDEN,
        vision_config=SIGLIP | dict(projection_dim=HIDDEN), projection_dim=HIDDEN,
        image_token_index=made.convert_tokens_to_ids("<image>"),
    )  # fmt: skip
    images = hf.SiglipImageProcessor(size=SQUARE)
    images.image_seq_length = 16
    template = (
        chatml("<image>", "").replace("<|im_start|>", "").replace("<|im_end|>", "").replace("{{ m['role'] }}", "")
    )
    return hf.PaliGemmaForConditionalGeneration(config), hf.PaliGemmaProcessor(images, made, chat_template=template)
