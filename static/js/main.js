// Makes a page quicker to use. Without this it works all the same. The server sends all of it as one file (forum/assets.py).

import { enhance, enhancements } from "./enhance.js";
import branches from "./enhance/branches.js";
import commentForm from "./enhance/comment-form.js";
import focus from "./enhance/focus.js";
import keys from "./enhance/keys.js";
import news from "./enhance/news.js";
import passkey from "./enhance/passkey.js";
import permalink from "./enhance/permalink.js";
import poll from "./enhance/poll.js";
import reply from "./enhance/reply.js";
import theme from "./enhance/theme.js";

Object.assign(enhancements, { branches, "comment-form": commentForm, focus, keys, news, passkey, permalink, poll, reply, theme });

// This runs before the page is first painted (blocking="render"), for the theme; the rest waits for the page.
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => enhance(document));
else enhance(document);
