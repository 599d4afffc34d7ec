// Makes a page quicker to use. Without this it works all the same.

import { enhance } from "./enhance.js";

enhance(document);
