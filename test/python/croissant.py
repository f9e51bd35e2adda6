"""Reads every record of every record set of Croissant descriptions. Prints them, pictures as SHA-256 of pixels."""
import hashlib, json, sys

import mlcroissant
from PIL import Image


def said(value):
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, Image.Image):
        return {"mode": value.mode, "size": value.size, "sha256": hashlib.sha256(value.tobytes()).hexdigest()}
    return value.item() if hasattr(value, "item") else value


found = []
for path in sys.argv[1:]:
    dataset = mlcroissant.Dataset(jsonld=path)
    found.append(
        {
            records.uuid: [{k: said(v) for k, v in row.items()} for row in dataset.records(record_set=records.uuid)]
            for records in dataset.metadata.record_sets
        }
    )
print(json.dumps(found))
