// Imported before the page's elements: a window that an issuer sends back to the page shows none of them.
import {answerPage} from "./sign_in_response.js";

answerPage(new URL("..", import.meta.url));
