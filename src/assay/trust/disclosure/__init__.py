"""Disclosure control: what of a site's evidence may leave the house, so that nobody learns anything of a single patient from it."""
