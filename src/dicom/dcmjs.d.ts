/** What Ganglion uses of dcmjs, which has no types of its own. */
declare module "dcmjs" {
  /** One data element: its VR and its values. */
  export interface DcmjsElement {
    readonly vr: string;
    readonly Value: readonly unknown[];
  }

  /** Data elements by tag, eight upper-case hex digits. */
  export type DcmjsDict = Record<string, DcmjsElement>;

  const dcmjs: {
    readonly data: {
      /** A Part 10 file. */
      readonly DicomDict: new (
        meta: DcmjsDict,
      ) => { dict: DcmjsDict; meta: DcmjsDict; write(): ArrayBuffer };
      readonly DicomMessage: {
        readFile(buffer: ArrayBuffer): { readonly dict: DcmjsDict; readonly meta: DcmjsDict };
      };
      readonly DicomMetaDictionary: {
        /** Attributes by keyword: tag as `(gggg,eeee)`, VR. */
        readonly nameMap: Readonly<Record<string, { readonly tag: string; readonly vr: string; readonly vm: string }>>;
      };
    };
    readonly log: { readonly disableAll?: () => void };
  };
  export default dcmjs;
}
