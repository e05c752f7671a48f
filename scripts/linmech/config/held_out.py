"""How many objects are held out from the axes of IDs, where `ids.held_out` is their share."""


def held_out_problem(share: float, count: int) -> str:
    """What is wrong with a share of `count` objects that, rounded, is none of them or all, as `key ... cure`; or ""."""
    apart = round(share * count)
    if 0 < apart < count:
        return ""
    amount = "less than half an object" if apart == 0 else f"all but less than half an object of the {count}"
    return (
        f"ids.held_out is {share:g} of {count} objects, {amount}; use {1 / count:.2g} to {1 - 1 / count:.2g}, or nouns"
    )
