"""Charts as data: one description, drawn as a Vega-Lite specification (for the editor) and as SVG (for a person)."""
