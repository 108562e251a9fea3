"""The science of trust: plain functions on arrays and files, one aspect a package."""
