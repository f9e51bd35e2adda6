"""Reads a folder of event files with TensorBoard's own loader. Prints scalars and images by tag."""
import base64, json, sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "images": 0}).Reload()
tags = events.Tags()
print(
    json.dumps(
        {
            "version": events.file_version,
            "scalars": {tag: [[e.step, e.wall_time, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]},
            "images": {
                tag: [[e.step, e.width, e.height, base64.b64encode(e.encoded_image_string).decode()] for e in events.Images(tag)]
                for tag in tags["images"]
            },
        }
    )
)
