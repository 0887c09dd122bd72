/** The page's first module. A framed page could be clicked through unseen, and no header of Pages forbids frames: framed, it draws nothing. */
import "./app/tokens.css";
import "./app/base.css";
import { createRoot } from "react-dom/client";
import { App } from "./app/app.tsx";

const root = document.getElementById("root");
if (root !== null && window.self === window.top) createRoot(root).render(<App />);
