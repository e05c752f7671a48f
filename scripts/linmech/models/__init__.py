"""A vision-language model, its checkpoint, and its inputs."""
