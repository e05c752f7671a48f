"""The organisms' words: a byte-level BPE learned from our own questions and answers."""

import itertools
from collections.abc import Iterable, Sequence

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from linmech.organisms.lessons.curriculum import LISTED
from linmech.questions.asking import ask
from linmech.questions.kinds import KINDS, OF_TIME, has_orders

SPECIAL = ("<pad>", "<s>", "</s>")


def build_tokenizer(
    texts: Iterable[str], vocabulary: int, *, bos: bool = True, **named: str
) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer of at most `vocabulary` tokens, learned from `texts`; any word can be spelled.

    `named` are the family's own special tokens by the processor's name for them (image_token="<image>"). With `bos`
    every prompt begins with "<s>".
    """
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[*SPECIAL, *named.values()],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(sorted(texts), trainer)
    begin = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", bpe.token_to_id("<s>"))])
    bpe.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), *[begin] * bos])
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe, pad_token="<pad>", bos_token="<s>" if bos else None, eos_token="</s>",
        padding_side="right", extra_special_tokens=named,
    )  # fmt: skip


UNTAUGHT = ("either",)  # asked by experiments alone, in the words of "exists": tokenizers do without it


def corpus(nouns: Sequence[str], colours: Sequence[str], *, time: bool = False) -> list[str]:
    """What the BPE learns: every wording of every question kind with every noun, and every form of every answer, so
    that "left", "Left" and " Left" are one token each, as in the tokenizers of large models.

    `time`: the words of questions about videos too.
    """
    texts = [f"USER: \n{a} {b} ASSISTANT:" for a, b in itertools.pairwise([*nouns, nouns[0]])]
    answers = set(colours)
    for kind, spec in KINDS.items():
        if kind in UNTAUGHT or (kind in OF_TIME and not time):
            continue
        options = tuple(colours[:2]) if kind == "colour" else None
        for noun, wording, order in itertools.product(
            nouns, range(len(spec.templates)), (0, 1)[: 1 + has_orders(kind)]
        ):
            texts.append(ask(kind, noun, noun, noun, order=order, wording=wording, options=options).text)
        answers |= set(spec.options)
    forms = [
        space + word for answer in sorted(answers) for word in (answer, answer.capitalize()) for space in ("", " ")
    ]
    lists = [text for kind, text in LISTED.items() if time or kind not in OF_TIME]
    return texts + lists + forms * 20
