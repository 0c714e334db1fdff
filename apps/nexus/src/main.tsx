import "@picocss/pico/css/pico.min.css";
import "./nexus.css";
import "@preact/signals"; // components that read a signal are drawn again when it changes
import { render } from "preact";
import { forgetWithOthers } from "./network/forgetting.js";
import { whatIsMissing } from "./platform.js";
import { App } from "./views/app.js";
import { Missing } from "./views/missing.js";

forgetWithOthers();
const missing = whatIsMissing();
const root = document.getElementById("app") as HTMLElement;
render(missing === undefined ? <App /> : <Missing what={missing} />, root);
