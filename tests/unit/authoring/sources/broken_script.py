import os
n = int(os.environ["n"]
print(n)
