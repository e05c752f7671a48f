"""Words that agree with a noun in number: is it *Is the car* or *Are the scissors*?

Things are named in the singular. Those that have none in English are known here; another plural is asked about as if it
were a singular, so call it by one.
"""

PLURAL = frozenset(
    """binoculars chopsticks clothes dungarees earphones eyeglasses glasses goggles headphones jeans knickers leggings
    overalls pajamas pants pliers pyjamas scissors shears shorts skis spectacles sunglasses tights tongs trousers
    tweezers underpants""".split()
)
PLURALS = {"Is": "Are", "is": "are", "Does": "Do", "article": "any"}


def agreed(word: str, noun: str) -> str:
    """Is, is or Does, or the article, as it stands with a noun: `agreed("Is", "sun glasses")` is "Are"."""
    if noun.split() and noun.split()[-1].lower() in PLURAL:
        return PLURALS[word]
    if word == "article":
        return "an" if noun[:1].lower() in "aeiou" else "a"
    return word
