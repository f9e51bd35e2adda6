"""Loads folders as a user of Hugging Face `datasets` does. Prints, for each, features and rows, pictures as SHA-256 of pixels."""
import contextlib, hashlib, json, sys

import datasets
from PIL import Image


def said(value):
    if isinstance(value, Image.Image):
        return {"mode": value.mode, "size": value.size, "sha256": hashlib.sha256(value.tobytes()).hexdigest()}
    return value


found = []
with contextlib.redirect_stdout(sys.stderr):
    for folder in sys.argv[1:]:
        loaded = datasets.load_dataset(folder)
        splits = {name: [{key: said(value) for key, value in row.items()} for row in rows] for name, rows in loaded.items()}
        features = {key: type(feature).__name__ for key, feature in next(iter(loaded.values())).features.items()}
        found.append({"features": features, "splits": splits})
print(json.dumps({"version": datasets.__version__, "found": found}))
