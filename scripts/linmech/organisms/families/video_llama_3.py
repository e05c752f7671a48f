"""The organism of VideoLLaMA3's class: see `builders`."""

from collections.abc import Sequence

from transformers import (
    VideoLlama3Config,
    VideoLlama3ForConditionalGeneration,
    VideoLlama3ImageProcessor,
    VideoLlama3Processor,
    VideoLlama3VideoProcessor,
)

from linmech.organisms.families.qwen import decoder_in_words, words_of
from linmech.organisms.start import IMAGE_MEAN, IMAGE_STD, start
from linmech.organisms.templates import VIDEO_LLAMA_TEMPLATE, VIDEO_LLAMA_TOKENS
from linmech.organisms.tokenizer import corpus

MERGED = 2  # the side of the squares of patches that are pooled into a token, of images as of videos


def build_video_llama_3(
    nouns: Sequence[str], colours: Sequence[str], *, seed: int, side: int = 128, patch: int = 16,
    hidden: int = 128, decoder_layers: int = 8, vision_layers: int = 4, vocabulary: int = 800,
) -> tuple[VideoLlama3ForConditionalGeneration, VideoLlama3Processor]:  # fmt: skip
    """An untrained VideoLLaMA3 and its processor, of the same sizes as `build_llava`'s.

    Before each frame its time stands in words ("Time 3.0s:"), and nothing else tells when it is seen but the order. Of
    a frame's patches each square of four is pooled into one token; all are kept, also those that do not change, which
    the published models drop.
    """
    stamps = [f"Time {second}.0s:," for second in range(10)]
    tokenizer, marks = words_of(corpus(nouns, colours, time=True) + stamps * 20, vocabulary, VIDEO_LLAMA_TOKENS)
    vision = dict(
        hidden_size=hidden, intermediate_size=3 * hidden, num_hidden_layers=vision_layers, num_attention_heads=4,
        patch_size=patch,
    )  # fmt: skip
    text = decoder_in_words(len(tokenizer), hidden, decoder_layers)
    config = VideoLlama3Config(text_config=text, vision_config=vision, tie_word_embeddings=False, **marks)
    cut = dict(patch_size=patch, merge_size=MERGED, image_mean=IMAGE_MEAN, image_std=IMAGE_STD)
    image, video = ({"shortest_edge": side**2, "longest_edge": frames * side**2} for frames in (1, 8))
    processor = VideoLlama3Processor(
        image_processor=VideoLlama3ImageProcessor(size=image, **cut), tokenizer=tokenizer,
        video_processor=VideoLlama3VideoProcessor(size=video, use_token_compression=False, **cut),
        chat_template=VIDEO_LLAMA_TEMPLATE,
    )  # fmt: skip
    return start(VideoLlama3ForConditionalGeneration, config, seed), processor
