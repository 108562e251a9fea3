"""How a federation travels: NVIDIA FLARE, server and sites as processes of this machine. Only what runs inside FLARE imports it."""
