"""Held-out accuracies of organisms as one table, from accuracies.json in each folder: python docs/arms.py FOLDER...

A row per organism, test set and kind of question.
"""

import json
import sys
from pathlib import Path

if __name__ == "__main__":
    print("organism,test,kind,accuracy,questions")
    for folder in map(Path, sys.argv[1:]):
        for test, kinds in json.loads((folder / "accuracies.json").read_text()).items():
            for kind, found in kinds.items():
                print(folder.name, test, kind, f"{found['accuracy']:.4f}", found["questions"], sep=",")
