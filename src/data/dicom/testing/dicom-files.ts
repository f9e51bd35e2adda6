/** Files of DICOM for the tests of layers that do not know the DICOM layer. */
export { type BuiltElement, buildDicom, greyElements } from "../../../dicom/read/testing/build-dicom.ts";
