"""Components that judge evidence by a policy, sign the verdict, and report it."""
