import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** The development server injects inline scripts and styles, which the page's policy refuses; only what is built carries the policy. */
const policyOnlyWhenBuilt: Plugin = {
  name: "policy-only-when-built",
  apply: "serve",
  transformIndexHtml: (html) => html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ""),
};

export default defineConfig({
  // Pages serves the site under /<repository>/, the sandbox under /.
  base: "./",
  plugins: [react(), policyOnlyWhenBuilt],
  build: {
    target: "es2023",
    // Data URLs for scripts and inline polyfills would break the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
