// Two families of models of a user's own, one of each input kind, by what the package exports alone:
// `node --import ./test/toy-families/register.mjs dist/cli/main.js train ...`. Node hands the option on to the processes of a study.
import { registerFamily } from "ganglion/train";
import { toyMaps } from "./toy-maps.mjs";
import { toyNoise } from "./toy-noise.mjs";

registerFamily(toyNoise);
registerFamily(toyMaps);
