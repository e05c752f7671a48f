"""The one kind of error that a user is meant to read: a single line that names the file, the key and the cure."""

EXIT_BAD_INPUT = 2


class LinmechError(Exception):
    """Bad input. `str(error)` is one line: what is wrong, in which file or key, and what to do about it."""

    def __init__(self, message: str):
        super().__init__(" ".join(message.split()))
