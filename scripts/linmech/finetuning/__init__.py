"""A vision-language model finetuned with the spatial ID loss, beside controls on the same batches (4.3, A.9)."""
