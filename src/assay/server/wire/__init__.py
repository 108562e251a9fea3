"""What travels: the shapes of ``assay.views.shapes`` as models, of which FastAPI makes the OpenAPI document."""
