"""Figures are tried with the longest words that they may have."""

import pytest

from linmech.statistics import shares


@pytest.fixture(autouse=True)
def guessing(request, monkeypatch):
    """In tests of what is cut off all models are said to guess."""
    if "cut_off" in request.node.name or "leaves_the_page" in request.node.name:
        monkeypatch.setattr(shares, "LEAST", 2.0)
