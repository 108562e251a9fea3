"""Answer orders until nobody gives any more; see ``assay.explore.orders``."""

from assay.explore.orders import serve

if __name__ == "__main__":
    serve()
