"""Of another system."""
import os
# Help
n = int(os.environ.get("n", "3"))
