"""Figures of two nouns that exchange their places: adversarial steering (Fig 2) and steerability (Fig 9)."""
