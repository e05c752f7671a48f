"""What finetuning in several arms does (Figure A10, Table 4.3)."""
