import { useState } from "react";
import { announce } from "../lib/announce.ts";
import { Button } from "./button.tsx";
import { Sign } from "./icons.tsx";

interface CopyButtonProps {
  readonly text: string;
  /** The button's name; with `iconOnly` it is read, not shown. */
  readonly label: string;
  readonly iconOnly?: boolean;
}

export function CopyButton({ text, label, iconOnly = false }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      announce("Copied.");
    } catch {
      announce("The browser did not allow copying; select the text instead.");
    }
  };
  return (
    <Button tone="quiet" onClick={() => void copy()} {...(iconOnly ? { "aria-label": label } : {})}>
      <Sign name={copied ? "done" : "copy"} />
      {iconOnly ? null : copied ? "Copied" : label}
    </Button>
  );
}
