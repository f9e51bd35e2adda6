# What pycocotools reads of the annotation files that are named: objects of each image, their boxes, and their pixels.
import hashlib
import json
import sys

import numpy as np
from pycocotools.coco import COCO

found = []
for path in sys.argv[1:]:
    stdout, sys.stdout = sys.stdout, sys.stderr
    coco = COCO(path)
    sys.stdout = stdout
    images = {}
    for image in coco.loadImgs(coco.getImgIds()):
        objects = coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]]))
        mask = np.zeros((image["height"], image["width"]), np.uint8)
        for one in objects:
            if one["segmentation"]:
                own = coco.annToMask(one)
                assert int(own.sum()) == one["area"], one["id"]
                mask |= own
        images[image["file_name"]] = {
            "boxes": [one["bbox"] for one in objects],
            "categories": [coco.loadCats(one["category_id"])[0]["name"] for one in objects],
            "sha256": hashlib.sha256((mask * 255).tobytes()).hexdigest(),
        }
    found.append(images)
print(json.dumps(found))
