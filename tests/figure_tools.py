"""What the tests of the figures share."""

from linmech.figures import style as plotting


def bytes_of(outputs):
    return {name: path.read_bytes() for name, path in outputs.items()}


def cut_off(figure):
    """The texts that reach over the page's edge by more than a point, and the titles and ticks that meet another."""
    plotting.settle(figure)
    titles = [axis._left_title for axis in figure.axes]
    met = [pair for texts in (titles, *(axis.get_xticklabels() for axis in figure.axes)) for pair in _met(texts)]
    page = figure.bbox.padded(figure.dpi / 72)
    texts = [text for legend in figure.legends for text in legend.get_texts()]
    for axis in figure.axes:
        texts += [axis._left_title, axis.xaxis.label, axis.yaxis.label, *axis.texts]
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts if text.get_text()]
    boxes += [(f"ticks of {axis.get_title(loc='left')}", axis.get_tightbbox()) for axis in figure.axes]
    return met + [words for words, box in boxes if not (page.contains(*box.min) and page.contains(*box.max))]


def _met(texts):
    """Pairs of texts that overlap, by their words."""
    told = [text for text in texts if text.get_text() and text.get_visible() and not text.get_rotation()]
    shown = [(text.get_text(), text.get_window_extent()) for text in told]
    return [(one, other) for n, (one, box) in enumerate(shown) for other, near in shown[n + 1 :] if box.overlaps(near)]


def silent(figure):
    """The axes that do not say how many clean answers are right, in title, ticks, labels or legend, by their titles."""
    legends = "".join(legend.get_title().get_text() for legend in figure.legends)
    told = []
    for axis in figure.axes:
        texts = [axis._left_title, axis.xaxis.label, *axis.texts, *axis.get_xticklabels(), *axis.get_yticklabels()]
        told.append((axis.get_title(loc="left"), legends + "".join(text.get_text() for text in texts)))
    return [title for title, words in told if "% right" not in words]
