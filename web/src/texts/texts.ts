import {en, type Texts} from "./en.js";

/** The texts of the page's language. */
export const texts: Texts = en;

/** The language that numbers and times are formatted for. */
export const language = "en";
