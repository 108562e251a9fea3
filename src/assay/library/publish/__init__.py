"""Components that hand a model out, each of which asks for a signed verdict first."""
