import { describe, expect, test } from "vitest";
import { identifierIn, masked } from "./identifiers.ts";

describe("tells of a person", () => {
  test.each([
    ["jane.doe@example.org", "an e-mail address"],
    ["https://example.org/p/7", "an address of the web"],
    ["1.2.840.113619.2.55", "a unique identifier"],
    ["deadbeefcafebabe", "encoded data"],
    ["iVBORw0KGgoAAAANSUhEUgAAACA", "encoded data"],
    ["JBSWY3DPEBLW64TMMQQQ2LTO", "encoded data"],
    ["1970-01-02", "a date"],
    ["2.1.1970", "a date"],
    ["19700102", "a date"],
    ["3 March 1970", "a date"],
    ["born Dec 1970", "a date"],
    ["+43 1 404 00", "a telephone number"],
    ["0664 123 4567", "a telephone number"],
    ["(555) 123-4567", "a telephone number"],
    ["12 Main Street", "a postal address"],
    ["Hauptstrasse 12", "a postal address"],
    ["MRN 0012345", "a record number"],
    ["patient 17", "a record number"],
    ["case_0042", "a record number"],
    ["ISIC_0024306", "a record number"],
    ["HAM_0000550", "a record number"],
    ["A1234567", "a record number"],
    ["48291", "a record number"],
    ["DOE^JANE", "a person's name"],
    ["Doe, Jane", "a person's name"],
    ["Doe, J.", "a person's name"],
    ["Dr. Nowak", "a person's name"],
    ["Jane Doe", "a person's name"],
    ["jane_doe", "a person's name"],
    ["MÜLLER ANDRÉ JÜRGEN", "a person's name"],
    ["a lesion that grew since last summer on the left arm", "free text"],
  ])("%s", (text, kind) => {
    expect(identifierIn(text)?.kind).toBe(kind);
  });

  test("is shown without its content", () => {
    expect(masked("Jane Doe, 12.3.1970")).toBe("J*** D**, 1*.3*.1***");
  });
});

test.each([
  ..."akiec,bcc,bkl,df,mel,nv,vasc,benign,malignant,normal,nevus,melanoma".split(","),
  ..."Basal Cell Carcinoma,melanoma in situ,seborrheic keratosis,Non-small cell lung carcinoma".split(","),
  ..."squamous_cell_carcinoma,Invasive Ductal Carcinoma,No Finding,Pleural_Thickening,class 1,BI-RADS 4a".split(","),
  ..."T2-weighted FLAIR,T1 post contrast,grade II,stage 3,I,II,VI,III-IV,G2,pT1a,N0".split(","),
  ..."male,female,f,m,45,45.0,85+,40-49,0.123456,1.5,-3,12.5 mm,1,true,yes,unknown,other,".split(","),
  ..."lower extremity,upper back,Left Breast,head/neck,palms/soles,iris,anterior torso,hand".split(","),
  ..."vidir_molemax,r3gan,dermgan,spade,pggan,pix2pixhd,stylegan2,tiny,site A,site 3,centre 12,CT,MR,1.5T,Siemens,GE".split(
    ",",
  ),
  ..."random,truncation:0.7,2024,100,1024,Crohn disease,Paget disease,Merkel cell carcinoma,mole,breast 3,chest 1,cyst 12,max".split(
    ",",
  ),
])("%s is a plain category or measure", (text) => {
  expect(identifierIn(text)).toBeNull();
});
