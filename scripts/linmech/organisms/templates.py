"""Chat templates and special tokens of the organisms, as the families that they belong to have them."""


def _chatml(visual: str) -> str:
    """Turns between <|im_start|> and <|im_end|>, in which `visual` stands for an image or a video."""
    return (
        "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{% for content in message['content'] %}"
        "{% if content['type'] == 'text' %}{{ content['text'] }}{% else %}"
        + visual
        + "{% endif %}{% endfor %}<|im_end|>\n"
        "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )


LLAVA_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'user' %}USER: {% else %}ASSISTANT: {% endif %}"
    "{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}<image>\n{% endfor %}"
    "{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{{ content['text'] }} {% endfor %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)
QWEN_TOKENS = {
    "image_token": "<|image_pad|>", "video_token": "<|video_pad|>", "vision_start_token": "<|vision_start|>",
    "vision_end_token": "<|vision_end|>", "turn_start_token": "<|im_start|>", "turn_end_token": "<|im_end|>",
}  # fmt: skip
QWEN_TEMPLATE = _chatml("<|vision_start|><|{{ content['type'] }}_pad|><|vision_end|>")
VIDEO_LLAMA_TOKENS = {
    "image_token": "<|image_pad|>", "video_token": "<|video_pad|>", "turn_start_token": "<|im_start|>",
    "turn_end_token": "<|im_end|>",
}  # fmt: skip
VIDEO_LLAMA_TEMPLATE = _chatml("<|{{ content['type'] }}_pad|>\n")
ONEVISION_TOKENS = {
    "image_token": "<image>", "video_token": "<video>", "turn_start_token": "<|im_start|>",
    "turn_end_token": "<|im_end|>",
}  # fmt: skip
ONEVISION_TEMPLATE = _chatml("<{{ content['type'] }}>\n")
MLLAMA_TOKENS = {
    "image_token": "<|image|>", "turn_start_token": "<|start_header_id|>", "turn_end_token": "<|end_header_id|>",
    "end_token": "<|eot_id|>",
}  # fmt: skip
MLLAMA_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|start_header_id|>{{ message['role'] }}<|end_header_id|>\n\n"
    "{% for content in message['content'] %}"
    "{% if content['type'] == 'text' %}{{ content['text'] }}{% else %}<|image|>{% endif %}{% endfor %}<|eot_id|>"
    "{% endfor %}{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
INTERNVL_TOKENS = {
    "start_image_token": "<img>", "end_image_token": "</img>", "context_image_token": "<IMG_CONTEXT>",
    "video_token": "<video>", "turn_start_token": "<|im_start|>", "turn_end_token": "<|im_end|>",
}  # fmt: skip
INTERNVL_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{% for content in message['content'] %}"
    "{% if content['type'] == 'image' %}<IMG_CONTEXT>\n{% elif content['type'] == 'video' %}<video>\n"
    "{% else %}{{ content['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
GEMMA_TOKENS = {
    "boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>",
    "turn_start_token": "<start_of_turn>", "turn_end_token": "<end_of_turn>",
}  # fmt: skip
GEMMA_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<start_of_turn>{{ message['role'] }}\n"
    "{% for content in message['content'] %}"
    "{% if content['type'] == 'text' %}{{ content['text'] }}{% else %}<start_of_image>{% endif %}{% endfor %}"
    "<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
