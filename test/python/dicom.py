"""Reads DICOM files with pydicom and highdicom, every warning an error. Prints what each says of pixels and subject."""
import hashlib, json, sys, warnings

import highdicom
import pydicom

warnings.simplefilter("error")
pydicom.config.settings.reading_validation_mode = pydicom.config.RAISE

found = []
for path in sys.argv[1:]:
    data = pydicom.dcmread(path)
    for element in data.iterall():
        element.value  # decodes and checks it
    image = highdicom.imread(path)
    frame = image.get_frame(1, apply_icc_profile=False)
    found.append(
        {
            "sop": str(data.SOPInstanceUID),
            "sopClass": data.SOPClassUID.name,
            "study": str(data.StudyInstanceUID),
            "patient": str(data.PatientID),
            "finding": str(data.AcquisitionContextSequence[0].TextValue),
            "shape": data.pixel_array.shape,
            "sha256": hashlib.sha256(data.pixel_array.tobytes()).hexdigest(),
            "frame": hashlib.sha256(frame.astype("uint8").tobytes()).hexdigest(),
        }
    )
print(json.dumps(found))
