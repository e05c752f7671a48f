"""The numbers that the paper prints, beside ours; a run told on a page."""
