"""How the organisms are built that tests ask without training them."""

SIDE, PATCH, FRAMES = 64, 16, 4
OF_VIDEO = ("onevision", "qwen2.5-vl", "video-llama-3")  # families of organisms that see videos
SMALL = dict(seed=0, side=SIDE, patch=PATCH, hidden=32, decoder_layers=2, vision_layers=1)
